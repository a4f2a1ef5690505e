/// What VMs contend for.
public enum Contention: String, Sendable, CaseIterable, Codable {
    case cpu, llc, memoryBandwidth = "memory-bandwidth", memory, disk, network, gpu, power, busLock = "bus-lock"
}

/// One VM that might be to blame, its evidence, and why it was not, where it was not.
public struct Candidate: Equatable, Sendable {
    /// Why a candidate is not to blame.
    public enum Rejection: String, Sendable, CaseIterable {
        /// It uses no more of the resource than it is entitled to.
        case withinEntitlement = "within its entitlement"
        /// Its share of the resource is too small to matter.
        case smallShare = "share too small"
        /// It is kept busy by packets that a VM of another tenant sends it.
        case flooded = "is kept busy by packets that another VM sends it"
        /// Its use does not move with the victim's suffering.
        case uncorrelated = "does not move with the victim"
        /// There are too few readings of it to say.
        case tooFewReadings = "too few readings"
        /// It is a victim itself in this tick and gained nothing.
        case alsoHurt = "is hurt itself"
        /// Another candidate explains the suffering better.
        case outranked = "another candidate explains more"
        /// It would be to blame, but was held back before and that did not help this victim.
        case acquitted = "holding it back did not help before"
        /// It is paused or under a job, so its counters say nothing.
        case busyWithJob = "paused or under a job"
        /// Where both lie is known, and they share nothing of what the victim is hurt over.
        case elsewhere = "shares no such hardware with it"
    }

    /// The VM.
    public var slot: VMSlot
    /// Its share of the contended resource in use, 0 to 1.
    public var share: Double
    /// Its use beyond its entitlement, in the resource's unit; negative below it.
    public var excess: Double
    /// Pearson correlation of its use with the victim's suffering over the window, −1 to 1; `nil` where undefined.
    public var correlation: Double?
    /// The rank, 0 to 1.
    public var score: Double
    /// Why it is not to blame; `nil` for the culprit.
    public var rejection: Rejection?
    /// Other VMs of its tenant that are to blame only together with it, largest use first; empty where it is by itself.
    public var together: [VMSlot] = []

    /// A candidate.
    ///
    /// - Parameters:
    ///   - slot: The VM.
    ///   - share: Its share of the resource in use, 0 to 1.
    ///   - excess: Its use beyond its entitlement.
    ///   - correlation: Correlation with the victim's suffering.
    ///   - score: The rank, 0 to 1.
    ///   - rejection: Why it is not to blame.
    public init(
        slot: VMSlot,
        share: Double,
        excess: Double,
        correlation: Double?,
        score: Double,
        rejection: Rejection? = nil
    ) {
        self.slot = slot
        self.share = share
        self.excess = excess
        self.correlation = correlation
        self.score = score
        self.rejection = rejection
    }
}

/// Who is hurt, by what, and by whom.
public struct Finding: Equatable, Sendable {
    /// Why a VM that suffers did it to itself.
    public enum SelfCause: String, Sendable, CaseIterable {
        /// A quota that its operator set holds it.
        case ownQuota = "held by its own quota"
        /// Quell holds it.
        case held = "held by Quell"
        /// A migration, a backup or a save is under way.
        case job = "under a job of its own"
        /// Its own vCPUs and threads ask for more than its entitlement and nobody else took from it.
        case ownDemand = "asks for more than its entitlement"
    }

    /// The answer.
    public enum Outcome: Equatable, Sendable {
        /// This VM hurts the victim.
        case blamed(VMSlot)
        /// The victim is hurt and nobody can be shown to have done it.
        case nobody
        /// The victim did it to itself.
        case selfInflicted(SelfCause)
    }

    /// The VM that is hurt.
    public var victim: VMSlot
    /// The verdict that says so.
    public var verdict: Verdict
    /// What it is hurt over.
    public var contention: Contention
    /// Everybody who was looked at, best rank first.
    public var candidates: [Candidate]
    /// The answer.
    public var outcome: Outcome
    /// How sure it is, 0 to 1.
    public var confidence: Double
    /// The signal by which the candidates' use was measured, with the unit of their excess; `nil` where nobody was tried.
    ///
    /// It is the first of several where a use is added up.
    public var measure: Signal?

    /// A finding.
    ///
    /// - Parameters:
    ///   - victim: The VM that is hurt.
    ///   - verdict: The verdict that says so.
    ///   - contention: What it is hurt over.
    ///   - candidates: Everybody who was looked at.
    ///   - outcome: The answer.
    ///   - confidence: How sure it is, 0 to 1.
    public init(
        victim: VMSlot,
        verdict: Verdict,
        contention: Contention,
        candidates: [Candidate],
        outcome: Outcome,
        confidence: Double
    ) {
        self.victim = victim
        self.verdict = verdict
        self.contention = contention
        self.candidates = candidates
        self.outcome = outcome
        self.confidence = confidence
    }

    /// VMs that pass every test for a culprit beside the one blamed, best rank first; empty where nobody is blamed.
    ///
    /// One of them is blamed once the first is down to what it is entitled to, or was shown not to be the cause, and the
    /// victim is still hurt.
    public var alsoGuilty: [VMSlot] {
        guard case .blamed = outcome else { return [] }
        return candidates.filter { $0.rejection == .outranked }.map(\.slot)
    }
}
