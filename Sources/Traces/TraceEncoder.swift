public import Signals

/// Turns frames and lease events into the bytes of a trace, file after file.
///
/// It never waits and keeps nothing but the last frame: whoever calls takes the bytes away. Once warm, a frame without a
/// change of the VMs' records allocates nothing beyond what the output grows.
public struct TraceEncoder: Sendable {
    /// Ticks from one key record to the next, at most.
    public static let keyEvery = 600

    /// What is said at the start of each file.
    public let header: TraceHeader
    /// The most bytes of a file; only a file of one whole frame may be longer.
    public let fileLimit: Int
    /// Frames that were left out, told by ``skip()``.
    public private(set) var lost: UInt64 = 0

    private let includes: @Sendable (VMRecord) -> Bool
    private let signals = Array(Signal.allCases)
    /// What the reader remembers: the host's row first, then each VM's.
    private var cells: [TraceCell] = []
    /// The records as the frame had them, and which of them are in the trace.
    private var seen: [VMRecord?] = []
    private var isIncluded: [Bool] = []
    private var hostCPUs = 0
    private var tick: UInt64 = 0
    private var time = MonotonicTime(nanoseconds: 0)
    private var step: Int64 = 0
    private var ticksSinceKey = 0
    private var fileLength = 0
    private var mustBeKey = true
    private var circumstances = TraceCircumstances()
    /// What the file says of them; a file that says nothing says that nothing is known.
    private var told = TraceCircumstances()

    /// An encoder that has written nothing.
    ///
    /// - Parameters:
    ///   - facts: What is known of the host and of the recording.
    ///   - fileLimit: The most bytes of a file, at least ``TraceFormat/smallestFile``.
    ///   - includes: Whether a VM is recorded; the row of one that is not reads as free.
    public init(
        facts: [TraceHeader.Fact] = [],
        fileLimit: Int = .max,
        includes: @escaping @Sendable (VMRecord) -> Bool = { _ in true }
    ) {
        self.header = TraceHeader(facts: facts)
        self.fileLimit = max(TraceFormat.smallestFile, fileLimit)
        self.includes = includes
    }

    /// Notes that a frame was not recorded: the next one is told whole.
    public mutating func skip() {
        lost += 1
        mustBeKey = true
    }

    /// Notes what the ladder is told beside the frames that follow; it is written before the next one, and in each file.
    ///
    /// - Parameter circumstances: What it is told.
    public mutating func note(_ circumstances: TraceCircumstances) {
        self.circumstances = circumstances
    }

    /// Appends a frame; where the file would become too long, its end and the start of the next one before it.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - bytes: Where the record goes.
    public mutating func encode(_ frame: Frame, into bytes: inout [UInt8]) {
        guard frame.capacity <= TraceFormat.mostRows else { return skip() }
        let start = bytes.count
        if isNext(frame) {
            appendCircumstances(to: &bytes)
            let record = TraceFormat.open(.tick, in: &bytes)
            let step = Int64(bitPattern: frame.time.nanoseconds &- time.nanoseconds)
            bytes.appendSigned(step &- self.step)
            self.step = step
            appendBody(frame, to: &bytes)
            TraceFormat.close(record, in: &bytes)
            ticksSinceKey += 1
        } else {
            if fileLength == 0 { begin(&bytes) } else { appendCircumstances(to: &bytes) }
            appendKey(frame, to: &bytes)
        }
        time = frame.time
        tick = frame.tick
        if fileLength > 0, fileLength + bytes.count - start > fileLimit - TraceFormat.endRecord.count {
            bytes.removeLast(bytes.count - start)
            bytes.append(contentsOf: TraceFormat.endRecord)
            let next = bytes.count
            begin(&bytes)
            appendKey(frame, to: &bytes)
            fileLength = bytes.count - next
        } else {
            fileLength += bytes.count - start
        }
    }

    /// Appends what became of an intent; left out before the first frame.
    ///
    /// - Parameters:
    ///   - event: What became of it.
    ///   - time: When.
    ///   - bytes: Where the record goes.
    public mutating func encode(_ event: LeaseEvent, at time: MonotonicTime, into bytes: inout [UInt8]) {
        guard fileLength > 0 else { return }
        var record: [UInt8] = []
        let start = TraceFormat.open(.event, in: &record)
        record.appendNumber(time.nanoseconds)
        event.append(to: &record)
        TraceFormat.close(start, in: &record)
        if fileLength + record.count > fileLimit - TraceFormat.endRecord.count {
            // It begins another file, before the frame that follows, which is told whole.
            finish(into: &bytes)
            let next = bytes.count
            begin(&bytes)
            fileLength = bytes.count - next
        }
        bytes.append(contentsOf: record)
        fileLength += record.count
    }

    /// Appends the end of the file, after which a frame begins another one.
    ///
    /// - Parameter bytes: Where the record goes.
    public mutating func finish(into bytes: inout [UInt8]) {
        guard fileLength > 0 else { return }
        bytes.append(contentsOf: TraceFormat.endRecord)
        fileLength = 0
        mustBeKey = true
    }

    /// Begins a file.
    private mutating func begin(_ bytes: inout [UInt8]) {
        header.append(to: &bytes)
        told = TraceCircumstances()
        appendCircumstances(to: &bytes)
    }

    /// Appends what the ladder is told beside the frames that follow, where the file does not say so yet.
    private mutating func appendCircumstances(to bytes: inout [UInt8]) {
        guard circumstances != told else { return }
        circumstances.append(to: &bytes)
        told = circumstances
    }

    /// Whether a frame can be told by what changed since the one before.
    private func isNext(_ frame: Frame) -> Bool {
        !mustBeKey && frame.tick == tick &+ 1 && ticksSinceKey < Self.keyEvery - 1 && frame.capacity >= seen.count
            && frame.interval.bitPattern == max(0, frame.time.seconds(since: time)).bitPattern
    }

    /// Appends a whole frame.
    private mutating func appendKey(_ frame: Frame, to bytes: inout [UInt8]) {
        cells.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
        isIncluded.removeAll(keepingCapacity: true)
        hostCPUs = 0
        step = 0
        ticksSinceKey = 0
        mustBeKey = false
        let record = TraceFormat.open(.key, in: &bytes)
        bytes.append(contentsOf: TraceFormat.marker)
        bytes.appendNumber(frame.tick)
        bytes.appendNumber(frame.time.nanoseconds)
        bytes.appendDouble(frame.interval)
        bytes.appendNumber(lost)
        appendBody(frame, to: &bytes)
        TraceFormat.close(record, in: &bytes)
    }

    /// Appends what differs from what the reader remembers: the host's size, the VMs, the readings.
    private mutating func appendBody(_ frame: Frame, to bytes: inout [UInt8]) {
        bytes.append((frame.hostCPUs != hostCPUs ? 1 : 0) | (frame.capacity != seen.count ? 2 : 0))
        if frame.hostCPUs != hostCPUs {
            hostCPUs = frame.hostCPUs
            bytes.appendNumber(UInt64(hostCPUs))
        }
        if frame.capacity != seen.count {
            bytes.appendNumber(UInt64(frame.capacity))
            let more = frame.capacity - seen.count
            seen.append(contentsOf: repeatElement(nil, count: more))
            isIncluded.append(contentsOf: repeatElement(false, count: more))
        }
        let wanted = (frame.capacity + 1) * signals.count
        if cells.count < wanted {
            cells.append(contentsOf: repeatElement(TraceCell(), count: wanted - cells.count))
        }
        appendVMs(frame, to: &bytes)
        appendReadings(frame, to: &bytes)
    }

    /// Appends the VMs that came, went or changed: steps from row to row, ended by a step of 0.
    private mutating func appendVMs(_ frame: Frame, to bytes: inout [UInt8]) {
        var before = -1
        let records = frame.records
        for (row, record) in records.enumerated() {
            let old = seen[row]
            if record == nil, old == nil { continue }
            if let record, let old, record.isSame(as: old) { continue }
            let wasIncluded = isIncluded[row]
            let include = record.map(includes) ?? false
            seen[row] = record
            isIncluded[row] = include
            guard include || wasIncluded else { continue }
            bytes.appendNumber(UInt64(row - before))
            before = row
            if !include || !wasIncluded || record?.identity != old?.identity { forget(row: row) }
            if let record, include {
                bytes.append(1)
                record.append(to: &bytes)
            } else {
                bytes.append(0)
            }
        }
        bytes.append(0)
    }

    /// Forgets the readings of a row whose VM is another one.
    private mutating func forget(row: Int) {
        for index in (row + 1) * signals.count..<(row + 2) * signals.count { cells[index] = TraceCell() }
    }

    /// Appends the readings that changed: steps from row to row, and in each from column to column, each ended by 0.
    private mutating func appendReadings(_ frame: Frame, to bytes: inout [UInt8]) {
        var before = -1
        for row in 0...frame.capacity {
            if row > 0, seen[row - 1] != nil, !isIncluded[row - 1] { continue }
            let first = row * signals.count
            var column = -1
            for next in 0..<signals.count {
                let reading = row == 0 ? frame[host: signals[next]] : frame[VMSlot(row - 1), signals[next]]
                if cells[first + next].matches(reading) { continue }
                if column < 0 {
                    bytes.appendNumber(UInt64(row - before))
                    before = row
                }
                bytes.appendNumber(UInt64(next - column))
                column = next
                cells[first + next].write(reading, to: &bytes)
            }
            if column >= 0 { bytes.append(0) }
        }
        bytes.append(0)
    }
}
