import Enforcement
import Policy
import Signals
import Systemd

/// Why a VM is hurt, blamed, held or left alone: the answer to `quell explain`.
public struct ExplainReport: Codable, Sendable, Equatable {
    /// One VM that was looked at as the one to blame, its evidence, and what became of it.
    public struct Suspect: Codable, Sendable, Equatable {
        /// Its name, as libvirt gives it.
        public var name: String
        /// Its share of the contended resource in use, 0 to 1.
        public var share: Double
        /// Its use beyond its entitlement, with its unit where that is known.
        public var excess: String
        /// Correlation of its use with the suffering, −1 to 1; `nil` where undefined.
        public var correlation: Double?
        /// Its rank, 0 to 1.
        public var score: Double
        /// Why it is not to blame; `nil` for the culprit.
        public var rejection: String?
        /// What was done to it, or why nothing; `nil` for all but the culprit.
        public var answer: String?
    }

    /// One thing that a VM suffers from.
    public struct Suffering: Codable, Sendable, Equatable {
        /// The VM that is hurt, by name.
        public var victim: String
        /// The rule that says so.
        public var rule: String
        /// The signal with its value and the bound that it crossed.
        public var evidence: String
        /// Seconds since the breach began.
        public var seconds: Double
        /// What it is hurt over.
        public var contention: String
        /// Who does it, that nobody can be shown to, or that it does it to itself.
        public var outcome: String
        /// How sure that is, 0 to 1.
        public var confidence: Double
        /// Everybody who was looked at, best rank first.
        public var suspects: [Suspect]
    }

    /// Its UUID.
    public var uuid: String
    /// Its name, as libvirt gives it.
    public var name: String
    /// Whom it belongs to.
    public var tenant: String
    /// Rules that fire for its own conduct, each with its evidence.
    public var conduct: [String]
    /// What it suffers from.
    public var suffers: [Suffering]
    /// The suffering of others for which it was looked at, whether it is to blame or not.
    public var suspectedOf: [Suffering]
    /// What it is held by.
    public var leases: [LeaseReport]

    /// What one tick says of a VM; `nil` where its row is free.
    ///
    /// - Parameters:
    ///   - slot: Its row.
    ///   - snapshot: What the tick saw and judged.
    ///   - leases: The open leases of all VMs.
    ///   - now: The moment.
    init?(_ slot: VMSlot, in snapshot: MonitorSnapshot, leases: [Lease], now: MonotonicTime) {
        guard let record = snapshot.frame[record: slot] else { return nil }
        uuid = record.identity.uuid.description
        name = record.name
        tenant = record.tenant.text
        let explainer = Explainer(snapshot: snapshot, leases: leases, now: now)
        conduct = snapshot.verdicts.filter { $0.slot == slot && $0.phase != .cleared }.compactMap(explainer.conduct)
        suffers = snapshot.findings.filter { $0.victim == slot }.map(explainer.suffering)
        suspectedOf = snapshot.findings
            .filter { finding in finding.victim != slot && finding.candidates.contains { $0.slot == slot } }
            .map(explainer.suffering)
        self.leases = LeaseReport.all(
            leases.filter { $0.vm == record.identity },
            in: snapshot.frame,
            now: now
        )
    }
}

/// Puts one tick's findings into words.
private struct Explainer {
    let snapshot: MonitorSnapshot
    let leases: [Lease]
    let now: MonotonicTime

    func evidence(_ verdict: Verdict) -> String {
        let unit = verdict.signal.unit
        return "\(verdict.signal.name) \(unit.text(verdict.value)), bound \(unit.text(verdict.threshold))"
    }

    /// A rule on a VM's own conduct in a line; `nil` for one that says that it is hurt.
    func conduct(_ verdict: Verdict) -> String? {
        guard let rule = snapshot.rule(verdict), rule.role == .suspect else { return nil }
        return "\(rule.name): \(rule.summary) (\(evidence(verdict)))"
    }

    func suffering(_ finding: Finding) -> ExplainReport.Suffering {
        let outcome =
            switch finding.outcome {
            case .blamed(let slot): "\(snapshot.name(slot)) is to blame"
            case .nobody: "nobody can be shown to be to blame"
            case .selfInflicted(let cause): "it does it to itself: \(cause.rawValue)"
            }
        return ExplainReport.Suffering(
            victim: snapshot.name(finding.victim),
            rule: snapshot.rule(finding.verdict)?.name ?? "?",
            evidence: evidence(finding.verdict),
            seconds: max(0, snapshot.frame.time.seconds(since: finding.verdict.since)),
            contention: finding.contention.rawValue,
            outcome: outcome,
            confidence: finding.confidence,
            suspects: finding.candidates.map { suspect($0, finding) }
        )
    }

    private func suspect(_ candidate: Candidate, _ finding: Finding) -> ExplainReport.Suspect {
        let isCulprit = finding.outcome == .blamed(candidate.slot)
        let excess = finding.measure.map { $0.unit.text(candidate.excess) } ?? Unit.digits(candidate.excess)
        return ExplainReport.Suspect(
            name: snapshot.name(candidate.slot),
            share: candidate.share,
            excess: excess,
            correlation: candidate.correlation,
            score: candidate.score,
            rejection: isCulprit ? nil : (candidate.rejection ?? .outranked).rawValue,
            answer: isCulprit ? answer(candidate.slot, finding) : nil
        )
    }

    /// What was done to a culprit, or why nothing.
    private func answer(_ slot: VMSlot, _ finding: Finding) -> String {
        guard let record = snapshot.frame[record: slot] else { return "nothing: it is gone" }
        let refusal = snapshot.refusals.first {
            $0.culprit == record.identity && $0.rule == snapshot.rule(finding.verdict)?.name
                && $0.victim == snapshot.frame[record: finding.victim]?.identity
        }
        let key = HoldKey(record.identity, finding.contention)
        let held = leases.filter { $0.key == key }
        if let hold = held.first {
            let made = held.map { "\($0.knob) \($0.set) instead of \($0.before)" }.joined(separator: ", ")
            let more = refusal.map { "; " + $0.reason } ?? ""
            return "held at \(hold.step): \(made), hold \(hold.hold)\(more)"
        }
        if let refusal { return "nothing: \(refusal.reason)" }
        if let hold = snapshot.holds.first(where: { $0.key == key && $0.isVirtual }) {
            return "only told: dry run; it would be held at \(hold.step)"
        }
        guard snapshot.rule(finding.verdict)?.ladder != nil else { return "only told: the rule has no ladder" }
        if snapshot.policy.protects(record) { return "nothing: the policy protects it" }
        switch snapshot.policy.mode {
        case .dryRun: return "only told: dry run"
        case .enforce: return "nothing in this tick: the ladder has asked for nothing yet, or waits for the answer"
        }
    }
}
