import Signals

extension PolicyCompiler {
    /// The rule that a section means; `nil` where it is switched off or not to be told.
    mutating func rule(_ named: NamedSection<RuleKey>, ladders: [String: LadderPlan]) -> Rule? {
        let section = named.section
        let enabled = section.word(.enabled).flatMap { yesOrNo($0, section.path(.enabled)) } ?? true
        let signal = self.signal(named)
        let role = self.role(named)
        var rule = Rule(name: named.name.text, signal: signal ?? .cpuUsage, role: role ?? .suspect)
        rule.summary = section.word(.summary)?.text ?? ""
        if let word = section.word(.severity), let value = choice(word, Severity.self, path: section.path(.severity)) {
            rule.severity = value
        }
        if let value = amount(section, .sustain) { rule.sustain = value }
        if let value = amount(section, .clearAfter) { rule.clearAfter = value }
        if let value = amount(section, .clearAt) { rule.clearAt = value }
        if let value = rest(section) { rule.rest = value }
        rule.selector.classes = selection(section, .classes, of: "class")
        rule.selector.tenants = selection(section, .tenants, of: "tenant")
        if let signal {
            conditions(named, signal, &rule)
            if let role { rule.ladder = ladder(section, signal, role, ladders) }
            if rule.ladder != nil { checkBound(section, rule) }
        }
        return enabled && signal != nil && role != nil ? rule : nil
    }

    /// Seconds of rest after an incident, on a rule that nothing waits for.
    private mutating func rest(_ section: PolicyDraft.Section<RuleKey>) -> Double? {
        guard let word = section.word(.rest), let value = amount(section, .rest) else { return nil }
        guard section.given(.ladder) == nil else {
            report(word, section.path(.rest), "a rule with a ladder must see at once that its victim is hurt again")
            return nil
        }
        return value
    }

    /// Sees to it that a ladder can tell when its victim is no longer hurt: by a bound on what it suffers.
    private mutating func checkBound(_ section: PolicyDraft.Section<RuleKey>, _ rule: Rule) {
        guard let word = section.word(.ladder) else { return }
        let name = rule.detector.rawValue
        switch rule.detector {
        case .level: break
        case .leak:
            report(word, section.path(.ladder), "detector 'leak' tells of what is to come, and nobody is held for that")
        case .tail, .unusual, .shift, .boundary, .rhythm:
            guard rule.above == nil, rule.below == nil else { return }
            report(
                word,
                section.path(.ladder),
                "with detector '\(name)' a ladder needs 'above' or 'below' too, to tell when the victim is better"
            )
        }
    }

    private mutating func signal(_ named: NamedSection<RuleKey>) -> Signal? {
        let path = named.section.path(.signal)
        guard named.section.fields[.signal] != nil else {
            guard !isPartial else { return nil }
            let known = Signal.allCases.prefix(3).map(\.name).joined(separator: ", ")
            report(named.name, path, "the rule names no signal, and no earlier file does; such as \(known)")
            return nil
        }
        guard let word = named.section.word(.signal) else { return nil }
        let names = Signal.allCases.filter { $0.scope == .vm }.map(\.name)
        guard let signal = Signal(name: word.text) else {
            let near = NearestName.of(word.text, among: names)
            report(word, path, "unknown signal; accepted: \(names.joined(separator: ", "))", near: near)
            return nil
        }
        guard signal.scope == .vm else {
            report(word, path, "it is a value of the host, and rules speak of VMs only so far")
            return nil
        }
        return signal
    }

    private mutating func role(_ named: NamedSection<RuleKey>) -> Rule.Role? {
        let path = named.section.path(.role)
        guard named.section.fields[.role] != nil else {
            guard !isPartial else { return nil }
            report(
                named.name,
                path,
                "the rule has no role; accepted: victim (the VM is hurt, find who does it), suspect (tell of the VM)"
            )
            return nil
        }
        return named.section.word(.role).flatMap { choice($0, Rule.Role.self, path: path) }
    }

    /// The ladder of a rule, where it has one that exists, fits its signal and answers a victim.
    private mutating func ladder(
        _ section: PolicyDraft.Section<RuleKey>,
        _ signal: Signal,
        _ role: Rule.Role,
        _ ladders: [String: LadderPlan]
    ) -> String? {
        guard let word = section.given(.ladder) else { return nil }
        let path = section.path(.ladder)
        let names = ladders.keys.sorted()
        guard let plan = ladders[word.text] else {
            guard !isPartial else { return nil }
            let known =
                names.isEmpty ? "none is defined under 'ladders:'" : "accepted: \(names.joined(separator: ", "))"
            report(word, path, "unknown ladder; \(known)", near: NearestName.of(word.text, among: names))
            return nil
        }
        guard role == .victim else {
            report(word, path, "only a rule with 'role: victim' has a culprit to hold; remove the ladder")
            return nil
        }
        guard signal.contentions.contains(plan.contention) else {
            let names = signal.contentions.map(\.rawValue).joined(separator: ", ")
            let about = names.isEmpty ? "no contention" : "contention for " + names
            report(word, path, "it answers contention for \(plan.contention.rawValue), but \(signal) tells of \(about)")
            return nil
        }
        return word.text
    }
}
