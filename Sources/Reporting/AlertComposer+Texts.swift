internal import Signals
internal import Systemd

extension AlertComposer {
    /// The alert of a rule that begins to fire.
    static func onset(_ verdict: Verdict, rule: Rule, vm: VMLabel, frame: Frame) -> Alert {
        let (id, what): (MessageID, String) =
            switch rule.role {
            case .victim: (.victimOnset, "is hurt")
            case .suspect: (.suspectOnset, "behaves unexpectedly")
            }
        let summary = rule.summary.isEmpty ? "" : "; \(rule.summary)"
        return Alert(
            id,
            rule.severity,
            "\(vm.text) \(what): \(sum(verdict, rule: rule, now: frame.time))"
                + "\(company(verdict, rule: rule, frame: frame)) (rule \(PlainText.name(rule.name)))\(summary)",
            fields(verdict, rule: rule, vm: vm)
        )
    }

    /// The alert of a rule that fires no more.
    static func cleared(_ verdict: Verdict, rule: Rule, vm: VMLabel, now: MonotonicTime) -> Alert {
        let id: MessageID =
            switch rule.role {
            case .victim: .victimCleared
            case .suspect: .suspectCleared
            }
        let unit = verdict.signal.unit
        return Alert(
            id,
            .info,
            "\(vm.text) is calm again: \(verdict.signal.name) \(unit.text(verdict.value)) after "
                + "\(duration(verdict, now: now)) (rule \(PlainText.name(rule.name)))",
            fields(verdict, rule: rule, vm: vm)
        )
    }

    /// The alert of a new answer to who hurts a VM.
    static func answer(_ finding: Finding, rule: Rule, victim: VMLabel, frame: Frame) -> Alert {
        let sum = sum(finding.verdict, rule: rule, now: frame.time)
        var fields = fields(finding.verdict, rule: rule, vm: victim)
        fields[.victim] = victim.identity.uuid.description
        fields[.contention] = finding.contention.rawValue
        fields[.confidence] = finding.confidence.isFinite ? Unit.digits(finding.confidence) : nil
        let hurt = "\(victim.text) is hurt: \(sum)"
        switch finding.outcome {
        case .blamed(let slot):
            let culprit = frame.label(slot)
            fields[.culprit] = culprit?.identity.uuid.description
            return Alert(
                .culpritNamed,
                rule.severity,
                "\(hurt); blamed: \(culprit?.text ?? "a VM that is gone")"
                    + evidence(finding, against: slot, frame: frame) + others(finding, frame: frame),
                fields
            )
        case .nobody:
            fields[.reason] = rejections(finding)
            return Alert(
                .nobodyToBlame,
                .notice,
                "\(hurt); contended for \(finding.contention.rawValue), nobody to blame"
                    + (rejections(finding).map { ": " + $0 } ?? ""),
                fields
            )
        case .selfInflicted(let cause):
            fields[.reason] = cause.rawValue
            return Alert(.selfInflicted, .notice, "\(hurt); of its own doing: it is \(text(cause))", fields)
        }
    }

    /// How long a breach has lasted.
    static func duration(_ verdict: Verdict, now: MonotonicTime) -> String {
        Unit.digits(max(0, now.seconds(since: verdict.since))) + " s"
    }

    /// What speaks against the culprit: its use, its excess, how it moves with the victim.
    private static func evidence(_ finding: Finding, against slot: VMSlot, frame: Frame) -> String {
        var parts: [String] = []
        if finding.contention == .cpu, slot.index >= 0, slot.index < frame.capacity,
            let cores = frame[slot, .cpuUsage].trusted, let vcpus = frame[record: slot]?.vcpus
        {
            parts.append("\(Unit.digits(cores)) of \(vcpus) cores")
        }
        if let candidate = finding.candidates.first(where: { $0.slot == slot }) {
            let with = candidate.together.compactMap { frame.label($0)?.text }
            if !with.isEmpty { parts.append("together with \(with.joined(separator: " and ")) of the same tenant") }
            if finding.contention != .cpu { parts.append(Unit.ratio.text(candidate.share) + " of the use") }
            if candidate.excess.isFinite {
                let unit = finding.measure?.unit ?? excessUnit(finding.contention)
                let amount = unit?.text(candidate.excess) ?? Unit.digits(candidate.excess)
                parts.append("\(amount) over its entitlement")
            }
            if let correlation = candidate.correlation, correlation.isFinite {
                parts.append("correlation \(Unit.digits(correlation))")
            }
        }
        return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    }

    /// Who else passes every test for a culprit, and what a contention is known by where that never makes it sure.
    private static func others(_ finding: Finding, frame: Frame) -> String {
        let names = finding.alsoGuilty.filter { slot in
            !finding.candidates.contains { $0.together.contains(slot) }
        }
        .compactMap { frame.label($0)?.text }
        let also = names.isEmpty ? "" : "; next suspects: " + names.joined(separator: ", ")
        let isPMU = finding.verdict.signal == .perfCPI || finding.verdict.signal == .perfLLCMissRate
        return also + (isPMU ? "; by performance counters alone, which are no proof" : "")
    }

    /// The unit of the excess over an entitlement; `nil` where it is a plain number.
    private static func excessUnit(_ contention: Contention) -> Unit? {
        switch contention {
        case .cpu: .cores
        case .llc, .memory: .bytes
        case .memoryBandwidth, .disk, .network: .bytesPerSecond
        case .power: .watts
        case .busLock: .perSecond
        case .gpu: .ratio
        }
    }

    /// Why the candidates were not to blame, with how many of each.
    private static func rejections(_ finding: Finding) -> String? {
        let counts = Candidate.Rejection.allCases.compactMap { rejection -> String? in
            let count = finding.candidates.count { $0.rejection == rejection }
            return count == 0 ? nil : "\(count) \(rejection.rawValue)"
        }
        return counts.isEmpty ? nil : counts.joined(separator: ", ")
    }

    /// A cause as the end of "it is …".
    private static func text(_ cause: Finding.SelfCause) -> String {
        switch cause {
        case .ownQuota, .held, .job: cause.rawValue
        case .ownDemand: "asking for more than its entitlement"
        }
    }

    /// The fields of a record about a verdict.
    private static func fields(_ verdict: Verdict, rule: Rule, vm: VMLabel) -> [AlertField: String?] {
        var fields = vm.fields
        fields[.rule] = rule.name
        fields[.signal] = verdict.signal.name
        fields[.value] = "\(verdict.value)"
        fields[.threshold] = "\(verdict.threshold)"
        fields[.baseline] = verdict.baseline.map { "\($0)" }
        return fields
    }
}
