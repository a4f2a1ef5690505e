public import Signals

/// When actions were taken, so that no 60 seconds ever hold more than the policy allows.
struct ActionWindow: Sendable {
    /// The window in seconds.
    static let seconds = 60.0

    /// The actions of the last window, oldest first.
    private(set) var times: [MonotonicTime] = []

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

/// What is left alone for a while after something went wrong with it, or since a person took it in hand.
struct StandOff: Sendable {
    /// Seconds after the first failure; each further one doubles it.
    static let first = 5.0
    /// The longest that failures alone keep a hold alone, in seconds.
    static let longest = 300.0

    /// When what failed may be tried again, and how long that was put off.
    struct Failure {
        var until: MonotonicTime
        var delay: Double
    }
    private(set) var failures: [HoldKey: Failure] = [:]
    /// Until when VMs are left alone that a person took in hand.
    private(set) var left: [VMIdentity: MonotonicTime] = [:]

    /// Whether a VM may be held further, over a contention.
    ///
    /// - Parameters:
    ///   - key: The hold.
    ///   - now: The moment of the action.
    /// - Returns: Whether its time is over, and that of its VM.
    func allows(_ key: HoldKey, at now: MonotonicTime) -> Bool {
        allowsAgain(key, at: now) && (left[key.vm].map { now >= $0 } ?? true)
    }

    /// Whether what failed may be tried again; a VM that a person took in hand may always be let up.
    ///
    /// - Parameters:
    ///   - key: The hold.
    ///   - now: The moment of the action.
    /// - Returns: Whether its time is over.
    func allowsAgain(_ key: HoldKey, at now: MonotonicTime) -> Bool {
        failures[key].map { now >= $0.until } ?? true
    }

    /// Leaves a hold alone for twice as long as the last time.
    ///
    /// - Parameters:
    ///   - key: The hold.
    ///   - now: The moment of the failure.
    mutating func failed(_ key: HoldKey, at now: MonotonicTime) {
        let delay = failures[key].map { min(Self.longest, max(Self.first, $0.delay * 2)) } ?? Self.first
        let until = max(now.later(bySeconds: delay), failures[key]?.until ?? now)
        failures[key] = Failure(until: until, delay: delay)
    }

    /// Leaves a VM alone, whatever it might be held over.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - now: The moment.
    ///   - seconds: For how long.
    mutating func leave(_ vm: VMIdentity, at now: MonotonicTime, seconds: Double) {
        left[vm] = now.later(bySeconds: seconds)
    }

    /// Forgets the failures of a hold that has worked.
    ///
    /// - Parameter key: The hold.
    mutating func worked(_ key: HoldKey) {
        failures[key] = nil
    }

    /// Forgets what has been over for long.
    ///
    /// - Parameter now: The moment.
    mutating func prune(at now: MonotonicTime) {
        if !failures.isEmpty { failures = failures.filter { now.seconds(since: $0.value.until) < Self.longest } }
        if !left.isEmpty { left = left.filter { now < $0.value } }
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
    /// The lowest share that is ever ordered, of whatever it is a share of.
    static let floor = 0.1
}
