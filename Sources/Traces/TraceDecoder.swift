import Signals

/// Turns the payloads of key and tick records back into frames.
///
/// After a problem it needs a key record: what it remembers may be half of one frame and half of another.
struct TraceDecoder {
    /// The frame of the last record.
    private(set) var frame = Frame(hostCPUs: 1)
    /// Frames that the writer left out before the last key record, counted from its start.
    private(set) var lost: UInt64 = 0
    /// Whether a key record was read since the start or the last problem.
    private(set) var isReady = false

    /// The signal of each column; `nil` where this Quell knows none of that name.
    private let columns: [Signal?]
    /// Signals that no column is of.
    private let lacking: [Signal]
    private var cells: [TraceCell] = []
    private var step: Int64 = 0

    /// A decoder of a trace with a given header.
    init(_ header: TraceHeader) {
        columns = header.signals.map { TraceHeader.known[$0] }
        lacking = header.lacking
    }

    /// Reads the payload of a key record.
    mutating func key(_ cursor: inout TraceCursor) throws(TraceProblem) {
        isReady = false
        for byte in TraceFormat.marker where try cursor.byte() != byte {
            throw cursor.problem("no key record's marker")
        }
        let tick = try cursor.number()
        let time = MonotonicTime(nanoseconds: try cursor.number())
        let interval = try cursor.double()
        lost = try cursor.number()
        step = 0
        cells.removeAll(keepingCapacity: true)
        frame = Frame(hostCPUs: 1)
        frame.restore(tick: tick, time: time, interval: interval, capacity: 0)
        for signal in lacking where signal.scope == .host { frame[host: signal] = .notObservable }
        try body(&cursor)
        isReady = true
    }

    /// Reads the payload of a tick record.
    mutating func tick(_ cursor: inout TraceCursor) throws(TraceProblem) {
        guard isReady else { throw cursor.problem("a tick before any key record") }
        isReady = false
        step = step &+ (try cursor.signed())
        let time = MonotonicTime(nanoseconds: frame.time.nanoseconds &+ UInt64(bitPattern: step))
        let interval = max(0, time.seconds(since: frame.time))
        frame.restore(tick: frame.tick &+ 1, time: time, interval: interval, capacity: frame.capacity)
        try body(&cursor)
        isReady = true
    }

    /// Reads what changed.
    private mutating func body(_ cursor: inout TraceCursor) throws(TraceProblem) {
        let flags = try cursor.byte()
        guard flags < 4 else { throw cursor.problem("flags \(flags) of a frame; 0 to 3 are accepted") }
        if flags & 1 != 0 { frame.hostCPUs = max(1, try cursor.number(upTo: 1 << 20, "the number of CPUs")) }
        if flags & 2 != 0 {
            let capacity = try cursor.number(upTo: TraceFormat.mostRows, "the number of rows")
            guard capacity >= frame.capacity else { throw cursor.problem("\(frame.capacity) rows became \(capacity)") }
            frame.restore(tick: frame.tick, time: frame.time, interval: frame.interval, capacity: capacity)
        }
        let wanted = (frame.capacity + 1) * columns.count
        if cells.count < wanted {
            cells.append(contentsOf: repeatElement(TraceCell(), count: wanted - cells.count))
        }
        try vms(&cursor)
        try readings(&cursor)
        guard cursor.left == 0 else { throw cursor.problem("\(cursor.left) bytes behind the frame") }
    }

    /// Reads the VMs that came, went or changed.
    private mutating func vms(_ cursor: inout TraceCursor) throws(TraceProblem) {
        var row = -1
        while case let ahead = try cursor.number(upTo: frame.capacity, "the step to the next VM's row"), ahead > 0 {
            row += ahead
            guard row < frame.capacity else { throw cursor.problem("row \(row) of \(frame.capacity)") }
            let slot = VMSlot(row)
            let old = frame.records[row]
            var new: VMRecord?
            let tag = try cursor.byte()
            guard tag < 2 else { throw cursor.problem("a VM's change of kind \(tag); 0 and 1 are accepted") }
            if tag == 1 { new = try VMRecord(&cursor) }
            if new?.identity != old?.identity || new == nil {
                for index in (row + 1) * columns.count..<(row + 2) * columns.count { cells[index] = TraceCell() }
                frame.remove(slot)
                if new != nil {
                    for signal in lacking where signal.scope == .vm { frame[slot, signal] = .notObservable }
                }
            }
            frame[record: slot] = new
        }
        guard row >= 0 else { return }
        for (row, record) in frame.records.enumerated() {
            if let record, frame.slot(of: record.identity)?.index != row { throw cursor.problem("a VM in two rows") }
        }
    }

    /// Reads the readings that changed.
    private mutating func readings(_ cursor: inout TraceCursor) throws(TraceProblem) {
        var row = -1
        while case let ahead = try cursor.number(upTo: frame.capacity + 1, "the step to the next row"), ahead > 0 {
            row += ahead
            guard row <= frame.capacity else { throw cursor.problem("row \(row - 1) of \(frame.capacity)") }
            var column = -1
            while case let step = try cursor.number(upTo: columns.count, "the step to the next signal"), step > 0 {
                column += step
                guard column < columns.count else { throw cursor.problem("signal \(column) of \(columns.count)") }
                let index = row * columns.count + column
                try cells[index].read(&cursor)
                guard let signal = columns[column] else { continue }
                let reading = Reading(Double(bitPattern: cells[index].bits), cells[index].quality)
                if row == 0 { frame[host: signal] = reading } else { frame[VMSlot(row - 1), signal] = reading }
            }
        }
    }
}
