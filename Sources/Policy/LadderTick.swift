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
    /// Whether anything may be done upon it: sure enough, from whole readings, and in breach in this very tick.
    var mayAct: Bool
}

/// What the findings of one tick come to for the ladder.
struct LadderTick {
    /// How sure a finding must be to be acted on.
    static let surenessNeeded = 0.5

    /// The findings that speak for a ladder: the surest first, then the most urgent, the greatest excess, the lowest row.
    let complaints: [Complaint]
    /// Everybody blamed for hurting a VM, whatever the rule and however sure, and by how much.
    private let hurtBy: [(victim: VMIdentity, culprit: VMIdentity, excess: Double)]

    init(_ findings: [Finding], policy: PolicySet, frame: Frame) {
        var complaints: [(order: Int, complaint: Complaint)] = []
        var hurtBy: [(victim: VMIdentity, culprit: VMIdentity, excess: Double)] = []
        for (order, finding) in findings.enumerated() where finding.verdict.phase != .cleared {
            guard let victim = frame.recordIfAny(finding.victim) else { continue }
            let blame = Self.blame(of: finding, frame: frame)
            if let blame, blame.vm != victim.identity {
                hurtBy.append((victim.identity, blame.vm, blame.excess))
            }
            guard
                let complaint = Self.complaint(
                    finding,
                    victim: victim,
                    blame: blame,
                    all: findings,
                    policy: policy,
                    frame: frame
                )
            else { continue }
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
        self.hurtBy = hurtBy
    }

    /// Whether a VM is itself the victim of somebody whose excess is at least as large as its own.
    ///
    /// Of two VMs that hurt each other the one that takes more beyond its entitlement is held, the other never.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - excess: Its use beyond its entitlement.
    /// - Returns: Whether it must be left alone in this tick.
    func isHurtByMore(_ vm: VMIdentity, than excess: Double) -> Bool {
        hurtBy.contains { $0.victim == vm && !(excess > $0.excess) }
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

    private static func complaint(
        _ finding: Finding,
        victim: VMRecord,
        blame: (vm: VMIdentity, slot: VMSlot, excess: Double)?,
        all: [Finding],
        policy: PolicySet,
        frame: Frame
    ) -> Complaint? {
        let verdict = finding.verdict
        switch finding.outcome {
        case .selfInflicted: return nil
        case .blamed, .nobody: break
        }
        guard
            policy.rules.indices.contains(verdict.rule), case let rule = policy.rules[verdict.rule],
            rule.role == .victim, let name = rule.ladder, let plan = policy.ladders[name],
            plan.contention == finding.contention
        else { return nil }
        // Nobody blamed: how sure the rule is of the suffering is what counts.
        let confidence = blame == nil ? verdict.confidence : finding.confidence
        let breaches =
            rule.below == nil ? verdict.value >= verdict.threshold : verdict.value <= verdict.threshold
        return Complaint(
            victim: victim,
            signal: verdict.signal,
            value: verdict.value,
            rule: rule,
            plan: plan,
            culprit: blame?.vm,
            culpritSlot: blame?.slot,
            excess: blame?.excess ?? 0,
            confidence: confidence.isFinite ? confidence : 0,
            mayAct: confidence >= surenessNeeded && breaches
                && frame[finding.victim, verdict.signal].quality == .ok
                && isMoreThanPMU(finding, among: all)
        )
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
