internal import HostReaders
internal import Signals

/// One event of one L3 domain of a group: a level, or a counter with its rate.
struct MonitorPart {
    /// Bytes a second that no L3 domain moves.
    ///
    /// On CPUs that follow fewer groups than there are, a hardware counter that was taken away and given back begins
    /// anew; where the kernel's own look at it came first, it adds a whole turn of the counter, a petabyte, to the file.
    static let ceiling = 4e12

    private var counter = Counter()
    /// Whether the domain has ever told a number.
    private var hasCounted = false

    /// Adds a level to a sum.
    mutating func add(level value: MonitorValue?, to sum: inout MonitorSum) {
        guard let bytes = bytes(value, &sum) else { return }
        sum.add(Reading(Double(bytes)))
    }

    /// Adds the rate of a counter to a sum.
    mutating func add(counter value: MonitorValue?, at time: MonotonicTime, disturbed: Bool, to sum: inout MonitorSum) {
        guard let bytes = bytes(value, &sum) else {
            counter.forget()
            return
        }
        let rate = counter.rate(of: bytes, at: time, disturbed: disturbed)
        sum.add(rate.value > Self.ceiling ? Reading(0, .reset) : rate)
    }

    /// The number, or `nil` with the sum told why there is none.
    ///
    /// A domain that never told a number has seen no traffic of the group: it is left out. One that did and now tells
    /// none leaves the sum unknown.
    private mutating func bytes(_ value: MonitorValue?, _ sum: inout MonitorSum) -> UInt64? {
        switch value {
        case .bytes(let bytes):
            hasCounted = true
            return bytes
        case .unavailable:
            if hasCounted { sum.isUnknown = true } else { sum.add(.missing) }
        case .unassigned: sum.isUnassigned = true
        case .error, nil: sum.isUnknown = true
        }
        return nil
    }
}

/// One event of a VM, over all domains of all its groups.
struct MonitorSum {
    private var parts = RateSum()
    /// Whether a part that belongs to the sum could not be told.
    var isUnknown = false
    /// Whether no hardware counter is assigned to a part.
    var isUnassigned = false

    /// Adds a part.
    mutating func add(_ part: Reading) { parts.add(part) }

    /// The sum; never a part of it.
    var reading: Reading { isUnassigned ? .notObservable : isUnknown ? .missing : parts.sum }
}
