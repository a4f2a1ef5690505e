import Signals

extension PolicyCompiler {
    /// Steps that a ladder may have.
    static let mostSteps = 10
    /// The steps that are no share, as they are written.
    private static let namedSteps: [HoldStep] = [.quarantine, .suspend]

    /// The ladder that a section means.
    mutating func ladder(_ named: NamedSection<LadderKey>) -> LadderPlan {
        let section = named.section
        var plan = LadderPlan(name: named.name.text)
        if let word = section.word(.contention),
            let value = choice(word, Contention.self, path: section.path(.contention))
        {
            plan.contention = value
        }
        let faults = problems.count
        if let value = steps(section, plan.contention) { plan.steps = value }
        // Where the steps themselves are at fault, what is said of them by class would only be faulted for that again.
        if problems.count == faults {
            plan.starts = classSteps(section, .start, plan)
            plan.ceilings = classSteps(section, .ceiling, plan)
            checkOrder(section, plan)
        }
        if let value = amount(section, .suspendFor) { plan.suspendFor = value }
        if let value = amount(section, .stepAfter) { plan.stepAfter = value }
        if let value = amount(section, .lease) { plan.lease = value }
        if let value = amount(section, .calm) { plan.calm = value }
        if let value = amount(section, .raise) { plan.raise = value }
        if let value = amount(section, .raiseEvery) { plan.raiseEvery = value }
        if let value = amount(section, .verify) { plan.verify = value }
        if let value = amount(section, .acquittal) { plan.acquittal = value }
        checkLease(named, plan)
        return plan
    }

    /// Sees to it that a lease outlasts all steps, the time at the last of them and that of a suspension.
    private mutating func checkLease(_ named: NamedSection<LadderKey>, _ plan: LadderPlan) {
        let suspends = plan.steps.contains(.suspend)
        let descent =
            Double(plan.steps.count - 1) * plan.stepAfter + plan.verify + (suspends ? plan.suspendFor : 0)
        guard plan.lease <= descent else { return }
        let section = named.section
        report(
            section.word(.lease) ?? Word(text: Unit.seconds.text(plan.lease), place: named.name.place),
            section.path(.lease),
            "the lease would end before the last step is verified; all steps and 'verify'"
                + "\(suspends ? " and 'suspend-for'" : "") take \(Unit.seconds.text(descent))"
        )
    }

    /// The steps of a ladder, each stricter than the one before; `nil` where they are not given or, with a problem, wrong.
    private mutating func steps(_ section: PolicyDraft.Section<LadderKey>, _ contention: Contention) -> [HoldStep]? {
        let path = section.path(.steps)
        guard let (words, place) = section.list(.steps) else { return nil }
        guard (1...Self.mostSteps).contains(words.count) else {
            report(place, path, "\(words.count) steps; it wants 1 to \(Self.mostSteps), such as [60%, 35%, 20%]")
            return nil
        }
        var steps: [HoldStep] = []
        for word in words {
            guard let step = step(word, path, contention) else { continue }
            if let last = steps.last, step <= last {
                report(word, path, Self.disorder(step, after: last))
            } else if step == .suspend, steps.isEmpty {
                report(word, path, "it cannot be the only step: a VM goes back from it to the step before")
            }
            steps.append(step)
        }
        return steps.count == words.count ? steps : nil
    }

    /// Why a step cannot follow another.
    private static func disorder(_ step: HoldStep, after last: HoldStep) -> String {
        if step == last, step.share == nil { return "it is a step already; write it once" }
        guard step.share != nil else { return "'suspend' is the last step; 'quarantine' comes before it" }
        guard last.share != nil else { return "it comes after '\(last)', which is stricter; write shares first" }
        return "each step must be below the one before, which is \(last)"
    }

    /// The step that a word names; `nil` and a problem for anything else.
    private mutating func step(
        _ word: Word,
        _ path: String,
        _ contention: Contention,
        _ subject: String = "a step"
    ) -> HoldStep? {
        if let step = Self.namedSteps.first(where: { $0.description == word.text }) { return step }
        let isWord = word.text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
        guard !isWord else {
            let names = Self.namedSteps.map(\.description)
            report(
                word,
                path,
                "\(subject) is a share such as 35%, \(names.joined(separator: " or "))",
                near: NearestName.of(word.text, among: names)
            )
            return nil
        }
        guard let value = quantity(word, .share, path: path, subject: subject) else { return nil }
        guard (LadderPlan.floor...1).contains(value) else {
            let whole =
                switch contention {
                case .cpu, .busLock: "each vCPU's time"
                case .llc, .memoryBandwidth, .memory, .disk, .network, .gpu, .power: "what the VM used when blamed"
                }
            report(word, path, "\(subject) is 10% to 100% of \(whole)")
            return nil
        }
        return .throttle(value)
    }
}

extension PolicyCompiler {
    /// What a list of `CLASS STEP` gives each class.
    private mutating func classSteps(
        _ section: PolicyDraft.Section<LadderKey>,
        _ key: LadderKey,
        _ plan: LadderPlan
    ) -> [String: HoldStep] {
        guard let (words, place) = section.list(key) else { return [:] }
        let path = section.path(key)
        if words.isEmpty {
            report(place, path, "the list is empty; write classes such as [batch 35%], or none")
        }
        var found: [String: HoldStep] = [:]
        for word in words {
            guard let parts = Self.classAndStep(word.text) else {
                report(word, path, "it wants 'CLASS STEP', such as 'batch 35%'")
                continue
            }
            let stepWord = Word(text: parts.step, place: word.place)
            guard let step = step(stepWord, path, plan.contention, "the step of a class") else { continue }
            guard found[parts.name] == nil else {
                report(word, path, "class '\(PolicyProblem.shortened(parts.name))' has a step here already; keep one")
                continue
            }
            if let fault = Self.misfit(step, key, plan) {
                report(word, path, fault)
            } else {
                found[parts.name] = step
            }
        }
        return found
    }

    /// Why a step is none that a VM of a class may begin or end at; `nil` where it may.
    private static func misfit(_ step: HoldStep, _ key: LadderKey, _ plan: LadderPlan) -> String? {
        if key == .start, step == .suspend { return "nobody is suspended at the first step; begin with one before it" }
        guard let first = plan.steps.first, let last = plan.steps.last else { return nil }
        let isReached = step.share == nil ? plan.steps.contains(step) : step >= first && step <= last
        guard !isReached else { return nil }
        let all = plan.steps.map(\.description).joined(separator: ", ")
        return "the ladder does not come by it; give one of its steps or a share between them: \(all)"
    }

    /// Sees to it that no class begins beyond where it ends.
    private mutating func checkOrder(_ section: PolicyDraft.Section<LadderKey>, _ plan: LadderPlan) {
        guard let (words, _) = section.list(.start) else { return }
        for word in words {
            guard let name = Self.classAndStep(word.text)?.name, let start = plan.starts[name],
                let ceiling = plan.ceilings[name], start > ceiling
            else { continue }
            report(word, section.path(.start), "it is stricter than the ceiling of its class, which is \(ceiling)")
        }
    }

    /// A class and the step behind it: the last word of a text, and all before it.
    private static func classAndStep(_ text: String) -> (name: String, step: String)? {
        // A space before the sign is accepted in every share.
        let text = text.hasSuffix(" %") ? String(text.dropLast(2)) + "%" : text
        guard let space = text.lastIndex(of: " ") else { return nil }
        let name = String(text[..<space].reversed().drop { $0 == " " }.reversed())
        guard !name.isEmpty else { return nil }
        return (name, String(text[text.index(after: space)...]))
    }
}
