internal import Signals

/// A finding that speaks for a ladder, with its slots resolved to identities.
struct Complaint {
    /// The VM that is hurt.
    var victim: VMRecord
    /// The signal that it suffers on.
    var signal: Signal
    /// Its value.
    var value: Double
    /// The rule that found it.
    var rule: Rule
    /// The ladder that answers the rule.
    var plan: LadderPlan
    /// Who is blamed for it, where anybody is.
    var culprit: VMIdentity?
    /// The row of the culprit.
    var culpritSlot: VMSlot?
    /// The culprit's use beyond its entitlement, in the resource's unit.
    var excess: Double
    /// How sure the blame is, 0 to 1.
    var confidence: Double
    /// Why nothing may be done upon it; `nil` where it is sure enough, from whole readings, and in breach in this tick.
    var obstacle: String?

    /// What the victim is hurt over.
    var contention: Contention { plan.contention }
    /// Whether anything may be done upon it.
    var mayAct: Bool { obstacle == nil }

    /// Why nothing was done about who is to blame.
    ///
    /// - Parameters:
    ///   - culprit: Who is to blame.
    ///   - reason: Why.
    /// - Returns: The refusal.
    func refusal(of culprit: VMIdentity, _ reason: String) -> Refusal {
        Refusal(culprit: culprit, victim: victim.identity, rule: rule.name, reason: reason)
    }
}

/// What the findings of one tick come to for the ladder.
struct LadderTick {
    /// How sure a finding must be to be acted on.
    static let surenessNeeded = 0.5
    /// Why nobody is held upon a rule that only alerts.
    private static let noLadder = "its rule has no ladder"
    /// Why nobody is held upon a rule whose ladder is not there or answers something else.
    private static let otherLadder = "the ladder of its rule does not answer this"

    /// The findings that speak for a ladder: the surest first, then the most urgent, the greatest excess, the lowest row.
    let complaints: [Complaint]
    /// Those blamed by rules that no ladder answers.
    let unanswerable: [Refusal]
    /// Everybody blamed for hurting a VM, whatever the rule and however sure, over what and by how much.
    private let hurtBy: [(victim: VMIdentity, contention: Contention, excess: Double)]

    /// What hour it is, and whether anything may be done at all.
    let circumstances: LadderCircumstances

    init(_ findings: [Finding], policy: PolicySet, frame: Frame, circumstances: LadderCircumstances) {
        self.circumstances = circumstances
        var complaints: [(order: Int, complaint: Complaint)] = []
        var unanswerable: [Refusal] = []
        var hurtBy: [(victim: VMIdentity, contention: Contention, excess: Double)] = []
        for (order, finding) in findings.enumerated() where finding.verdict.phase != .cleared {
            guard let victim = frame.recordIfAny(finding.victim) else { continue }
            let blame = Self.blame(of: finding, frame: frame)
            if let blame, blame.vm != victim.identity {
                hurtBy.append((victim.identity, finding.contention, blame.excess))
            }
            guard let rule = Self.rule(of: finding, policy: policy) else { continue }
            guard let name = rule.ladder, let plan = policy.ladders[name], plan.contention == finding.contention else {
                if let blame, blame.vm != victim.identity {
                    unanswerable.append(
                        Refusal(
                            culprit: blame.vm,
                            victim: victim.identity,
                            rule: rule.name,
                            reason: rule.ladder == nil ? Self.noLadder : Self.otherLadder
                        )
                    )
                }
                continue
            }
            var complaint = Complaint(
                victim: victim,
                signal: finding.verdict.signal,
                value: finding.verdict.value,
                rule: rule,
                plan: plan,
                culprit: blame?.vm,
                culpritSlot: blame?.slot,
                excess: blame?.excess ?? 0,
                // Nobody blamed: how sure the rule is of the suffering is what counts.
                confidence: blame == nil ? finding.verdict.confidence : finding.confidence
            )
            complaint.obstacle = Self.obstacle(to: complaint, finding, among: findings, frame: frame)
            if !complaint.confidence.isFinite { complaint.confidence = 0 }
            complaints.append((order, complaint))
        }
        complaints.sort { left, right in
            let (a, b) = (left.complaint, right.complaint)
            if a.confidence != b.confidence { return a.confidence > b.confidence }
            let (urgentA, urgentB) = (a.rule.severity.journalPriority, b.rule.severity.journalPriority)
            if urgentA != urgentB { return urgentA < urgentB }
            if a.excess != b.excess { return a.excess > b.excess }
            return left.order < right.order
        }
        self.complaints = complaints.map(\.complaint)
        self.unanswerable = unanswerable
        self.hurtBy = hurtBy
    }

    /// Whether a VM is itself the victim of somebody whose excess of the same thing is at least as large as its own.
    ///
    /// Of two VMs that hurt each other the one that takes more beyond its entitlement is held, the other never.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - contention: What it is to be held over.
    ///   - excess: Its use beyond its entitlement.
    /// - Returns: Whether it must be left alone in this tick.
    func isHurtByMore(_ vm: VMIdentity, over contention: Contention, than excess: Double) -> Bool {
        hurtBy.contains { $0.victim == vm && $0.contention == contention && !(excess > $0.excess) }
    }

    private static func blame(of finding: Finding, frame: Frame) -> (vm: VMIdentity, slot: VMSlot, excess: Double)? {
        switch finding.outcome {
        case .blamed(let slot):
            guard let record = frame.recordIfAny(slot) else { return nil }
            let excess = finding.candidates.first { $0.slot == slot }?.excess ?? 0
            return (record.identity, slot, excess.isFinite ? excess : 0)
        case .nobody, .selfInflicted:
            return nil
        }
    }

    /// The rule that found a VM hurt; `nil` where it says nothing of suffering, or the VM does it to itself.
    private static func rule(of finding: Finding, policy: PolicySet) -> Rule? {
        switch finding.outcome {
        case .selfInflicted: return nil
        case .blamed, .nobody: break
        }
        guard policy.rules.indices.contains(finding.verdict.rule) else { return nil }
        let rule = policy.rules[finding.verdict.rule]
        return rule.role == .victim ? rule : nil
    }

    private static func obstacle(
        to complaint: Complaint,
        _ finding: Finding,
        among all: [Finding],
        frame: Frame
    ) -> String? {
        let verdict = finding.verdict
        let breaches =
            complaint.rule.below == nil ? verdict.value >= verdict.threshold : verdict.value <= verdict.threshold
        if !(complaint.confidence >= surenessNeeded) { return "not sure enough" }
        if !breaches { return "the victim is within its bounds again" }
        if frame[finding.victim, verdict.signal].quality != .ok {
            return "what the victim suffers was not read in this tick"
        }
        return isMoreThanPMU(finding, among: all) ? nil : "only hardware counters say so"
    }

    /// Whether more than a hardware counter says that the victim is hurt: counters alone are never acted on.
    private static func isMoreThanPMU(_ finding: Finding, among all: [Finding]) -> Bool {
        func isPMU(_ signal: Signal) -> Bool { signal == .perfCPI || signal == .perfLLCMissRate }
        return all.contains {
            $0.victim == finding.victim && $0.verdict.phase != .cleared && !isPMU($0.verdict.signal)
        }
    }
}

extension Frame {
    /// What is known of the VM in a row; `nil` also where there is no such row.
    func recordIfAny(_ slot: VMSlot) -> VMRecord? {
        slot.index >= 0 && slot.index < capacity ? self[record: slot] : nil
    }
}
