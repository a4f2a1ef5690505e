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
        if let limits = draft.limits { policy.limits = self.limits(limits) }
        policy.protectedVMs = names(draft.protectedVMs) { VMUUID($0)?.description ?? $0 }
        policy.protectedTenants = names(draft.protectedTenants) { $0 }
        for named in draft.ladders { policy.ladders[named.name.text] = ladder(named) }
        for named in draft.rules {
            if let rule = rule(named, ladders: policy.ladders) { policy.rules.append(rule) }
        }
        return policy
    }

    private func names(_ words: [Word], _ canonical: (String) -> String) -> Set<String> {
        Set(words.map { canonical($0.text) })
    }

    private mutating func limits(_ section: PolicyDraft.Section<LimitKey>) -> BlastLimits {
        var limits = BlastLimits()
        if let value = whole(section, .heldVMs, 0...10_000) { limits.heldVMs = value }
        if let value = amount(section, .heldVCPUShare, .share, 0...1, shown: "0% to 100%") {
            limits.heldVCPUShare = value
        }
        if let value = whole(section, .actionsPerMinute, 0...600) { limits.actionsPerMinute = value }
        return limits
    }
}

extension PolicyCompiler {
    /// The ladder that a section means.
    private mutating func ladder(_ named: NamedSection<LadderKey>) -> LadderPlan {
        let section = named.section
        var plan = LadderPlan(name: named.name.text)
        if let word = section.word(.contention) {
            if let value = choice(word, Contention.self, path: section.path(.contention)), value != .cpu {
                report(word, section.path(.contention), "only contention for the CPU is answered so far; write cpu")
            }
        }
        if let value = steps(section) { plan.steps = value.map(HoldStep.throttle) }
        if let value = duration(section, .stepAfter) { plan.stepAfter = value }
        if let value = duration(section, .lease) { plan.lease = value }
        if let value = duration(section, .calm) { plan.calm = value }
        if let value = amount(section, .raise, .share, 0.001...0.1, shown: "0.1% to 10%") { plan.raise = value }
        if let value = duration(section, .raiseEvery) { plan.raiseEvery = value }
        if let value = duration(section, .verify) { plan.verify = value }
        if let value = duration(section, .acquittal) { plan.acquittal = value }
        let descent = Double(plan.steps.count - 1) * plan.stepAfter + plan.verify
        if plan.lease <= descent {
            let needed = Unit.seconds.text(descent)
            report(
                section.word(.lease) ?? Word(text: Unit.seconds.text(plan.lease), place: named.name.place),
                section.path(.lease),
                "the lease would end before the last step is verified; all steps and 'verify' take \(needed)"
            )
        }
        return plan
    }

    /// The caps of a ladder: 10% to 100%, each below the one before.
    private mutating func steps(_ section: PolicyDraft.Section<LadderKey>) -> [Double]? {
        let path = section.path(.steps)
        guard let (words, place) = section.list(.steps) else { return nil }
        guard (1...10).contains(words.count) else {
            report(place, path, "\(words.count) steps; it wants 1 to 10, such as [60%, 35%, 20%]")
            return nil
        }
        var steps: [Double] = []
        for word in words {
            guard let value = quantity(word, .share, path: path, subject: "a step") else { continue }
            if value < 0.1 || value > 1 {
                report(word, path, "a step is 10% to 100% of each vCPU's time")
            } else if let last = steps.last, value >= last {
                report(word, path, "each step must be below the one before, which is \(Unit.ratio.text(last))")
            }
            steps.append(value)
        }
        return steps.count == words.count ? steps : nil
    }
}
