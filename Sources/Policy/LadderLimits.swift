public import Signals

/// When actions were taken, so that no 60 seconds ever hold more than the policy allows.
struct ActionWindow: Sendable {
    /// The window in seconds.
    static let seconds = 60.0

    /// The actions of the last window, oldest first.
    private var times: [MonotonicTime] = []

    /// Whether one more action keeps within the limit.
    ///
    /// - Parameters:
    ///   - now: The moment of the action.
    ///   - limit: Actions within any window.
    /// - Returns: Whether it may be taken.
    mutating func admits(at now: MonotonicTime, limit: Int) -> Bool {
        times.removeAll { now.seconds(since: $0) >= Self.seconds }
        return times.count < limit
    }

    /// Counts an action.
    ///
    /// - Parameter now: The moment of the action.
    mutating func count(at now: MonotonicTime) {
        times.append(now)
    }
}

/// The VMs that are left alone for a while after something went wrong with them.
struct StandOff: Sendable {
    /// Seconds after the first failure; each further one doubles it.
    static let first = 5.0
    /// The longest that failures alone keep a VM alone, in seconds.
    static let longest = 300.0

    private struct Entry {
        var until: MonotonicTime
        var delay: Double
    }
    private var entries: [VMIdentity: Entry] = [:]

    /// Whether a VM may be acted on.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - now: The moment of the action.
    /// - Returns: Whether its time is over.
    func allows(_ vm: VMIdentity, at now: MonotonicTime) -> Bool {
        entries[vm].map { now >= $0.until } ?? true
    }

    /// Leaves a VM alone for twice as long as the last time.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - now: The moment of the failure.
    mutating func failed(_ vm: VMIdentity, at now: MonotonicTime) {
        let delay = entries[vm].map { min(Self.longest, max(Self.first, $0.delay * 2)) } ?? Self.first
        let until = max(now.later(bySeconds: delay), entries[vm]?.until ?? now)
        entries[vm] = Entry(until: until, delay: delay)
    }

    /// Leaves a VM alone because a person took it in hand.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - now: The moment.
    ///   - seconds: For how long.
    mutating func leave(_ vm: VMIdentity, at now: MonotonicTime, seconds: Double) {
        entries[vm] = Entry(until: now.later(bySeconds: seconds), delay: 0)
    }

    /// Forgets the failures of a VM with which an action has worked.
    ///
    /// - Parameter vm: The VM.
    mutating func worked(_ vm: VMIdentity) {
        entries[vm] = nil
    }

    /// Forgets what has been over for long.
    ///
    /// - Parameter now: The moment.
    mutating func prune(at now: MonotonicTime) {
        if entries.isEmpty { return }
        entries = entries.filter { now.seconds(since: $0.value.until) < Self.longest }
    }
}

extension PolicySet {
    /// Whether a VM is never acted on, by its name, its UUID in either case, or any tenant that claims it.
    ///
    /// - Parameter record: The VM.
    /// - Returns: Whether it is protected.
    public func protects(_ record: VMRecord) -> Bool {
        if protectedVMs.contains(record.name) { return true }
        if protectedVMs.contains(where: { VMUUID($0) == record.identity.uuid }) { return true }
        switch record.tenant {
        case .known(let name): return protectedTenants.contains(name)
        case .conflicting(let names): return !protectedTenants.isDisjoint(with: names)
        case .unknown: return false
        }
    }
}

extension MonotonicTime {
    /// The moment the given number of seconds later, with numbers from outside held to between none and 30 years.
    ///
    /// - Parameter seconds: The seconds to go on; no number counts as 0.
    /// - Returns: The moment reached.
    func later(bySeconds seconds: Double) -> MonotonicTime {
        advanced(bySeconds: seconds.isNaN ? 0 : min(1e9, max(0, seconds)))
    }
}

extension LadderPlan {
    /// The lowest cap that is ever ordered: the share of its time that each vCPU of a held VM always keeps.
    static let floor = 0.1

    /// The cap of a step, from 0.1 to 1; `nil` where there is no such step or it is no number.
    ///
    /// - Parameter step: The step, from 0.
    /// - Returns: The cap.
    func cap(at step: Int) -> Double? {
        guard steps.indices.contains(step), let share = steps[step].share, share.isFinite else { return nil }
        return min(1, max(Self.floor, share))
    }

    /// The step that a cap stands on: the first one that is no higher, else the last.
    ///
    /// - Parameter cap: A cap.
    /// - Returns: The step, from 0.
    func step(of cap: Double) -> Int {
        steps.indices.first { (self.cap(at: $0) ?? 1) <= cap + 1e-9 } ?? max(0, steps.count - 1)
    }
}
