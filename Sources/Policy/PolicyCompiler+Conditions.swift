import Signals

extension PolicyCompiler {
    /// What makes a rule breach: what its detector needs, none of what it does not know, no bound that always or never
    /// holds.
    mutating func conditions(_ named: NamedSection<RuleKey>, _ signal: Signal, _ rule: inout Rule) {
        let section = named.section
        if let word = section.word(.detector),
            let value = choice(word, Rule.Detector.self, path: section.path(.detector))
        {
            rule.detector = value
        }
        let above = section.given(.above)
        let below = section.given(.below)
        guard isSufficient(named, signal, rule.detector) else { return }
        if above != nil, let below {
            report(
                below,
                section.path(.below),
                "'above' is given too, and all conditions must hold at once; write two rules"
            )
        }
        if let above, let bound = bound(above, .above, section.path(.above), signal) {
            rule.above = bound.value
            rule.perVCPU = bound.perVCPU
        }
        if let below, let bound = bound(below, .below, section.path(.below), signal) {
            rule.below = bound.value
            rule.perVCPU = bound.perVCPU
        }
        rule.companions = companions(section)
        for key in [RuleKey.deviation, .risk, .score, .within] where section.given(key) != nil {
            guard rule.detector.knows(key) else {
                let knowing = Rule.Detector.allCases.filter { $0.knows(key) }.map(\.rawValue)
                report(
                    section.given(key) ?? named.name,
                    section.path(key),
                    "detector '\(rule.detector.rawValue)' has no '\(key.rawValue)'; it belongs to "
                        + knowing.joined(separator: ", ")
                )
                continue
            }
            switch key {
            case .deviation: rule.deviation = amount(section, key)
            case .risk: rule.risk = amount(section, key)
            case .score: rule.score = amount(section, key)
            default: rule.within = amount(section, key)
            }
        }
    }

    /// Whether a rule has what its detector cannot do without; a problem where not.
    private mutating func isSufficient(
        _ named: NamedSection<RuleKey>,
        _ signal: Signal,
        _ detector: Rule.Detector
    ) -> Bool {
        let section = named.section
        // A condition that is there but unreadable has its own problem already.
        let isTold = section.fields.contains { $0.key.isCondition && $0.value == .unreadable } || isPartial
        let bounded = section.given(.above) != nil || section.given(.below) != nil
        let example = Dimension(signal.unit).example
        switch detector {
        case .level where !bounded && section.given(.deviation) == nil:
            guard !isTold else { return false }
            report(
                named.name,
                section.path,
                "the rule has no condition; give 'above' or 'below' (such as \(example)) or 'deviation' (such as 4 sigma)"
            )
            return false
        case .leak where !bounded || section.given(.within) == nil:
            guard !isTold else { return false }
            report(
                named.name,
                section.path,
                "a leak wants the bound that it must not reach, 'above' or 'below' (such as \(example)), "
                    + "and 'within' (such as 1 h)"
            )
            return false
        case .level, .tail, .unusual, .shift, .leak, .boundary, .rhythm: return true
        }
    }

    /// A bound in the signal's base unit, or for each vCPU, within what the signal can ever be.
    mutating func bound(
        _ word: Word,
        _ key: RuleKey,
        _ path: String,
        _ signal: Signal
    ) -> (value: Double, perVCPU: Bool)? {
        let perVCPU = signal.unit == .cores && word.text.hasSuffix("%")
        let kind = perVCPU ? Dimension.share : Dimension(signal.unit)
        guard let value = quantity(word, kind, path: path, subject: signal.name) else { return nil }
        guard value >= 0 else {
            report(word, path, "\(signal) is never below 0 where it says anything; give a positive bound")
            return nil
        }
        if key == .above, value == 0 {
            report(word, path, "at or above 0 always holds; give a positive bound")
            return nil
        }
        if let most = perVCPU ? 1 : signal.unit.most, value > most {
            let shown = perVCPU ? "100% of its vCPUs" : signal.unit.text(most)
            let always = key == .above ? "so this never holds" : "so this always holds"
            report(word, path, "\(signal) is at most \(shown), \(always)")
            return nil
        }
        return (value, perVCPU)
    }
}

extension Rule.Detector {
    /// Whether a key of a rule means something to it.
    func knows(_ key: RuleKey) -> Bool {
        switch key {
        case .deviation: self == .level || self == .shift || self == .boundary
        case .risk: self == .tail
        case .score: self == .unusual
        case .within: self == .leak
        case .name, .enabled, .summary, .signal, .role, .detector, .above, .below, .also, .sustain, .clearAfter,
            .clearAt, .rest, .severity, .classes, .tenants, .ladder:
            true
        }
    }
}

extension RuleKey {
    /// Whether it is one of the conditions of which a rule needs one.
    fileprivate var isCondition: Bool {
        switch self {
        case .above, .below, .deviation, .within: true
        case .name, .enabled, .summary, .signal, .role, .detector, .risk, .score, .also, .sustain, .clearAfter,
            .clearAt,
            .rest, .severity, .classes, .tenants, .ladder:
            false
        }
    }
}

extension Unit {
    /// The largest value that a signal in this unit can have; `nil` where there is none.
    fileprivate var most: Double? {
        switch self {
        case .secondsPerSecond, .ratio: 1
        case .cores, .bytes, .bytesPerSecond, .perSecond, .seconds, .count, .cyclesPerInstruction, .watts, .hertz: nil
        }
    }
}
