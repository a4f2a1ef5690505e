/// What every VM used and suffered in one tick: a table of VMs by signals, and the host's own row.
///
/// One frame is kept for the life of the sampler and written in place, so that a warm tick allocates nothing. Rows are
/// stable while a VM lives (``VMSlot``) and used again after it is gone; ``VMRecord/identity`` tells the occupants apart.
public struct Frame: Sendable {
    /// Counts ticks from 1; 0 before the first.
    public private(set) var tick: UInt64 = 0
    /// When the counters were read.
    public private(set) var time = MonotonicTime(nanoseconds: 0)
    /// Seconds since the frame before; 0 in the first.
    public private(set) var interval: Double = 0
    /// CPUs online on the host, at least 1.
    public var hostCPUs: Int
    /// The VMs by row; `nil` where a row is free.
    public private(set) var records: [VMRecord?] = []

    @usableFromInline var readings: [Reading] = []
    /// The rows by identity: asked for every VM of every answer, so it must not be a search.
    private var slots: [VMIdentity: VMSlot] = [:]
    /// No row below this one is free.
    private var lowestFree = 0
    private var hostReadings = [Reading](repeating: .missing, count: Signal.count)

    /// An empty frame.
    ///
    /// - Parameter hostCPUs: CPUs online on the host.
    public init(hostCPUs: Int) {
        self.hostCPUs = max(1, hostCPUs)
    }

    /// Rows, free ones included.
    public var capacity: Int { records.count }

    /// Starts a tick: every reading becomes ``Quality/missing`` until it is written.
    ///
    /// - Parameter time: When the counters are read.
    public mutating func begin(at time: MonotonicTime) {
        interval = tick == 0 ? 0 : max(0, time.seconds(since: self.time))
        tick += 1
        self.time = time
        for index in readings.indices { readings[index] = .missing }
        for index in hostReadings.indices { hostReadings[index] = .missing }
    }

    /// Puts the frame where a recorded one stood; its VMs and readings are then written over it.
    ///
    /// - Parameters:
    ///   - tick: The tick's number.
    ///   - time: When the counters were read.
    ///   - interval: Seconds since the frame before.
    ///   - capacity: Rows, at least as many as there are.
    package mutating func restore(tick: UInt64, time: MonotonicTime, interval: Double, capacity: Int) {
        self.tick = tick
        self.time = time
        self.interval = interval
        guard capacity > records.count else { return }
        let more = capacity - records.count
        records.append(contentsOf: repeatElement(nil, count: more))
        readings.append(contentsOf: repeatElement(.missing, count: more * Signal.count))
    }

    /// Gives a VM the lowest free row.
    ///
    /// - Parameter record: What is known of the VM.
    /// - Returns: Its row until ``remove(_:)``.
    public mutating func place(_ record: VMRecord) -> VMSlot {
        while lowestFree < records.count, records[lowestFree] != nil { lowestFree += 1 }
        let slot = VMSlot(lowestFree)
        if slot.index == records.count {
            records.append(nil)
            readings.append(contentsOf: repeatElement(.missing, count: Signal.count))
        }
        self[record: slot] = record
        return slot
    }

    /// Frees the row of a VM that is gone; its readings become missing.
    ///
    /// - Parameter slot: The row.
    public mutating func remove(_ slot: VMSlot) {
        self[record: slot] = nil
        for column in 0..<Signal.count { readings[slot.index * Signal.count + column] = .missing }
    }

    /// What is known of the VM in a row; `nil` where the row is free.
    ///
    /// - Parameter slot: The row, below ``capacity``.
    public subscript(record slot: VMSlot) -> VMRecord? {
        get { records[slot.index] }
        set {
            let old = records[slot.index]?.identity
            records[slot.index] = newValue
            if newValue == nil { lowestFree = min(lowestFree, slot.index) }
            guard old != newValue?.identity else { return }
            if let old, slots[old] == slot { slots[old] = nil }
            if let new = newValue?.identity { slots[new] = slot }
        }
    }

    /// Whether the vCPUs of the VM in a row may run; `nil` where the row is free.
    ///
    /// Copies nothing of the record, unlike ``subscript(record:)``: for the tick's path.
    ///
    /// - Parameter slot: The row, below ``capacity``.
    /// - Returns: Whether they may.
    public func isRunning(_ slot: VMSlot) -> Bool? { records[slot.index]?.running }

    /// The vCPUs of the VM in a row; `nil` where the row is free.
    ///
    /// It copies nothing of the record either.
    ///
    /// - Parameter slot: The row, below ``capacity``.
    /// - Returns: Their number, at least 1.
    public func vcpus(_ slot: VMSlot) -> Int? { records[slot.index]?.vcpus }

    /// Whether a quota is known to hold the VM in a row, Quell's or another's; `false` where the row is free.
    ///
    /// - Parameter slot: The row, below ``capacity``.
    /// - Returns: Whether one does.
    public func hasQuota(_ slot: VMSlot) -> Bool {
        records[slot.index]?.heldCores != nil || records[slot.index]?.ownQuota != nil
    }

    /// The reading of one signal of one VM.
    ///
    /// - Parameters:
    ///   - slot: The row, below ``capacity``.
    ///   - signal: The column.
    public subscript(slot: VMSlot, signal: Signal) -> Reading {
        @inlinable get { readings[slot.index * Signal.count + Int(signal.rawValue)] }
        @inlinable set { readings[slot.index * Signal.count + Int(signal.rawValue)] = newValue }
    }

    /// The reading of one signal of the host.
    ///
    /// - Parameter signal: The column.
    public subscript(host signal: Signal) -> Reading {
        get { hostReadings[Int(signal.rawValue)] }
        set { hostReadings[Int(signal.rawValue)] = newValue }
    }

    /// A copy that shares no storage of readings with this frame, so that the next tick need not copy them to write.
    public var detached: Frame {
        var copy = self
        copy.readings = readings.map { $0 }
        copy.hostReadings = hostReadings.map { $0 }
        return copy
    }

    /// The row of a VM, or `nil` where it is not in the frame.
    ///
    /// - Parameter identity: The VM.
    /// - Returns: Its row.
    public func slot(of identity: VMIdentity) -> VMSlot? {
        slots[identity]
    }
}
