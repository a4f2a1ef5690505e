import Signals

/// The third stage: units, ranges, names and what they mean together, into a policy.
struct PolicyCompiler {
    /// What is wrong with the draft.
    var problems: [PolicyProblem] = []
    /// Whether a file could not be read at all, so that what seems to be missing may be in it.
    var isPartial = false

    /// The policy that a draft means; of use only where no problem was found.
    ///
    /// - Parameter draft: What the files say.
    /// - Returns: The policy.
    mutating func compile(_ draft: PolicyDraft) -> PolicySet {
        var policy = PolicySet()
        if let mode = draft.mode, let value = choice(mode, PolicySet.Mode.self, path: "mode") { policy.mode = value }
        if let word = draft.memoryHigh { policy.allowsMemoryHigh = yesOrNo(word, "memory-high") ?? false }
        if let limits = draft.limits { policy.limits = self.limits(limits) }
        if let quarantine = draft.quarantine { policy.quarantine = self.quarantine(quarantine) }
        if let audit = draft.audit { policy.audit = self.audit(audit) }
        policy.protectedVMs = Set(draft.protectedVMs.map { Self.vmName($0.text) })
        policy.protectedTenants = Set(draft.protectedTenants.map(\.text))
        policy.windows = draft.windows.compactMap { window($0) }
        for named in draft.ladders { policy.ladders[named.name.text] = ladder(named) }
        for named in draft.rules {
            if let rule = rule(named, ladders: policy.ladders) { policy.rules.append(rule) }
        }
        return policy
    }

    /// A VM's name as it is, or its UUID in the canonical form.
    static func vmName(_ text: String) -> String { VMUUID(text)?.description ?? text }

    private mutating func limits(_ section: PolicyDraft.Section<LimitKey>) -> BlastLimits {
        var limits = BlastLimits()
        if let value = whole(section, .heldVMs) { limits.heldVMs = value }
        if let value = amount(section, .heldVCPUShare) { limits.heldVCPUShare = value }
        if let value = whole(section, .actionsPerMinute) { limits.actionsPerMinute = value }
        if let value = whole(section, .quarantinedVMs) { limits.quarantinedVMs = value }
        if let value = whole(section, .suspendedVMs) { limits.suspendedVMs = value }
        return limits
    }

    private mutating func audit(_ section: PolicyDraft.Section<AuditCheck>) -> AuditPlan {
        var plan = AuditPlan()
        for check in AuditCheck.allCases {
            guard let word = section.word(check),
                let urgency = choice(word, AuditPlan.Urgency.self, path: section.path(check)),
                urgency.rawValue != check.usualSeverity.rawValue
            else { continue }
            plan.own[check] = urgency
        }
        return plan
    }

    private mutating func quarantine(_ section: PolicyDraft.Section<QuarantineKey>) -> QuarantinePlan {
        var plan = QuarantinePlan()
        if let word = section.given(.cpus) {
            if let cpus = CPUSet(list: word.text) {
                plan.cpus = cpus
            } else {
                report(
                    word,
                    section.path(.cpus),
                    "it wants host CPUs from 0 to \(CPUSet.mostCPUs - 1) such as 0-1,8, lower number first and "
                        + "without spaces, or none to leave the VM where it runs"
                )
            }
        }
        if let word = section.word(.links),
            let value = choice(word, QuarantinePlan.Links.self, path: section.path(.links))
        {
            plan.links = value
        }
        if let value = amount(section, .share) { plan.share = value }
        return plan
    }
}
