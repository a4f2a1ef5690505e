internal import Libvirt
public import Signals

extension SlowSchedule {
    /// Notes that a VM was answered about in full; a VM that is not watched is passed over.
    ///
    /// - Parameter vm: The VM.
    public mutating func answered(_ vm: VMIdentity) {
        entries[vm]?.isAsked = false
        entries[vm]?.owedSince = nil
    }

    /// Notes what the answer about a VM says of what is worth asking for again soon.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - requests: Requests to its disks since it started; `nil` where the answer does not say.
    ///   - hasBalloon: Whether its balloon driver told something; `nil` where it was not asked for.
    public mutating func found(_ vm: VMIdentity, requests: UInt64?, hasBalloon: Bool?) {
        if let requests {
            let before = entries[vm]?.requests
            entries[vm]?.hasIdleDisks = before == requests
            entries[vm]?.requests = requests
        }
        if let hasBalloon { entries[vm]?.hasSilentBalloon = !hasBalloon }
    }

    /// Notes that the question whether its QEMU answers has no answer, though QEMU does.
    ///
    /// - Parameter vm: The VM.
    public mutating func cannotBeProbed(_ vm: VMIdentity) {
        entries[vm]?.canBeProbed = false
    }

    /// What to ask a VM for so that QEMU has to answer, where the short question was not answered.
    ///
    /// - Parameter question: The short question.
    /// - Returns: The question in full.
    public func inFull(_ question: SlowQuestion) -> SlowQuestion {
        let groups = entries[question.vm]?.needs.everyRound ?? [.state, .balloon]
        return SlowQuestion(vm: question.vm, groups: groups, isAlone: true)
    }

    /// Notes that a VM was not answered about, or only with what libvirt knows without asking QEMU.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - since: When it was asked, or since when its QEMU is known to be silent.
    /// - Returns: Since when libvirt owes an answer about it.
    public mutating func unanswered(_ vm: VMIdentity, since: MonotonicTime) -> MonotonicTime {
        let owed = min(entries[vm]?.owedSince ?? since, since)
        entries[vm]?.isAsked = false
        entries[vm]?.owedSince = owed
        // A measurement is worth nothing once its QEMU hangs.
        entries[vm]?.measuringSince = nil
        return owed
    }

    /// Notes that a question says nothing of the VM: it was never asked, or the connection broke.
    ///
    /// - Parameter vm: The VM.
    public mutating func abandoned(_ vm: VMIdentity) {
        entries[vm]?.isAsked = false
    }

    /// Notes how the beginning of a measurement of the dirty rate went.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - time: When it began; `nil` where its QEMU cannot measure, so that it is not tried again.
    public mutating func measuring(_ vm: VMIdentity, since time: MonotonicTime?) {
        entries[vm]?.measuringSince = time
        if time == nil { entries[vm]?.hasDirtyRate = false }
    }

    /// Since when libvirt owes an answer about a VM; `nil` where it owes none.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: The moment.
    public func owedSince(_ vm: VMIdentity) -> MonotonicTime? { entries[vm]?.owedSince }
}

/// A budget that fills with time and may be overdrawn once, so that what costs more than it can hold is had all the same.
struct CostBucket: Sendable {
    /// CPU seconds that come in a second.
    let rate: Double
    private let capacity: Double
    private var level: Double
    private var last: MonotonicTime?

    /// A full budget that holds what comes in so many seconds.
    init(rate: Double, burst: Double) {
        self.rate = rate
        capacity = rate * burst
        level = capacity
    }

    /// Whether anything may be spent.
    var hasRoom: Bool { level > 0 }

    /// Lets the budget fill up to a moment; a clock that went back fills nothing.
    mutating func fill(to now: MonotonicTime) {
        if let last { level = min(capacity, level + max(0, now.seconds(since: last)) * rate) }
        last = now
    }

    /// Takes from the budget, below nothing if need be.
    mutating func spend(_ cost: Double) {
        level -= cost
    }
}
