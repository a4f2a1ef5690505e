public import Signals

/// A VM that the ladder holds back, as `quell status` and `quell leases` show it.
public struct LadderHold: Equatable, Sendable {
    /// Where in its life a hold is.
    public enum Phase: String, Sendable, CaseIterable {
        /// The order is out and not yet answered.
        case requested
        /// The cap is in force.
        case inForce = "in-force"
        /// The cap is in force and being let up step by step.
        case raising
        /// The release is out and not yet answered.
        case releasing
    }

    /// The VM.
    public var vm: VMIdentity
    /// Its name, for people only.
    public var name: String
    /// The share of each vCPU's time that it may use, 0.1 to 1.
    public var cap: Double
    /// The step of the ladder that it stands on, from 0.
    public var step: Int
    /// Where in its life the hold is.
    public var phase: Phase
    /// When the lease ends.
    public var expires: MonotonicTime
    /// The VM that it is held back for.
    public var victim: VMIdentity
    /// The victim's name, for people only.
    public var victimName: String
    /// The rule that asked for it.
    public var rule: String
    /// Whether it is told only and nothing is in force (dry run).
    public var isVirtual: Bool
}

/// A VM that suffers at the hands of a held VM, and what became of it since.
struct HeldFor: Equatable, Sendable {
    /// The share of its value at onset at which a victim counts as no better, 0 to 1.
    static let noBetterThan = 0.8

    /// The victim.
    var vm: VMIdentity
    /// Its name.
    var name: String
    /// The rule that found it hurt.
    var rule: String
    /// The signal that it suffers on.
    var signal: Signal
    /// Whether lower values are worse (the rule has a `below`).
    var lowerIsWorse: Bool
    /// The value when its culprit was first ordered to be held for it.
    var onset: Double
    /// When it was seen hurt and no better for the first time at the last step; `nil` when it has been better since.
    var unmovedSince: MonotonicTime?

    /// Whether holding its culprit back has helped: the value is at most 80 % as bad as at onset.
    ///
    /// - Parameter value: The value now.
    /// - Returns: Whether it is better.
    func isBetter(_ value: Double) -> Bool {
        lowerIsWorse ? value * Self.noBetterThan > onset : value < onset * Self.noBetterThan
    }
}

/// What the ladder keeps of a VM that it holds back.
struct LadderEntry: Sendable {
    /// A change of cap that is ordered and not yet answered.
    struct Change: Equatable, Sendable {
        /// The cap ordered.
        var cap: Double
        /// The phase that follows.
        var phase: LadderHold.Phase
    }

    /// The VM.
    var vm: VMIdentity
    /// Its name.
    var name: String
    /// Its vCPUs.
    var vcpus: Int
    /// The rule that asked for it.
    var rule: String
    /// The ladder that it stands on.
    var plan: LadderPlan
    /// Those it is held back for; the first one is told.
    var victims: [HeldFor]
    /// Where in its life the hold is.
    var phase: LadderHold.Phase
    /// The step, from 0.
    var step: Int
    /// The cap in force, or ordered while `requested`.
    var cap: Double
    /// When the lease ends.
    var expires: MonotonicTime
    /// When the last intent went out.
    var askedAt: MonotonicTime
    /// Since when the cap in force has been judged.
    var capSince: MonotonicTime
    /// The change that is ordered and not yet answered.
    var change: Change?
    /// How much each step up takes; set when the way up begins.
    var raiseBy = 0.0
    /// Since when all victims have been calm.
    var calmSince: MonotonicTime?
    /// Since when the VM has not been in the frame.
    var absentSince: MonotonicTime?
    /// Why it is being released.
    var releaseReason: ReleaseReason?
    /// When a release that has not happened is asked for again.
    var releaseAgainAt = MonotonicTime(nanoseconds: 0)
    /// Seconds from a release that failed until it is asked for again; doubles each time.
    var releaseRetry = 1.0
    /// Whether it is told only (dry run).
    var isVirtual = false
    /// Whether the policy no longer allows it.
    var isRevoked = false
    /// The victim that is told, also after all have been taken off.
    var lastVictim: HeldFor

    /// The hold as people see it.
    var display: LadderHold {
        let victim = victims.first ?? lastVictim
        return LadderHold(
            vm: vm,
            name: name,
            cap: cap,
            step: step,
            phase: phase,
            expires: expires,
            victim: victim.vm,
            victimName: victim.name,
            rule: rule,
            isVirtual: isVirtual
        )
    }
}
