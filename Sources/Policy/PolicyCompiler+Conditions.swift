import Signals

extension PolicyCompiler {
    /// What makes a rule breach: at least one condition, none that always or never holds.
    mutating func conditions(_ named: NamedSection<RuleKey>, _ signal: Signal, _ rule: inout Rule) {
        let section = named.section
        let above = section.given(.above)
        let below = section.given(.below)
        let deviation = section.given(.deviation)
        guard above != nil || below != nil || deviation != nil else {
            // A condition that is there but unreadable has its own problem already.
            let isTold = section.fields.contains { $0.key.isCondition && $0.value == .unreadable }
            guard !isTold, !isPartial else { return }
            let example = Dimension(signal.unit).example
            return report(
                named.name,
                section.path,
                "the rule has no condition; give 'above' or 'below' (such as \(example)) or 'deviation' (such as 4 sigma)"
            )
        }
        if above != nil, let below {
            report(
                below,
                section.path(.below),
                "'above' is given too, and all conditions must hold at once; write two rules"
            )
        }
        if let above { rule.above = bound(above, .above, section, signal) }
        if let below { rule.below = bound(below, .below, section, signal) }
        if deviation != nil {
            rule.deviation = amount(section, .deviation, .deviation, 1...100, shown: "1 to 100 sigma")
        }
    }

    /// A bound in the signal's base unit, within what the signal can ever be.
    private mutating func bound(
        _ word: Word,
        _ key: RuleKey,
        _ section: PolicyDraft.Section<RuleKey>,
        _ signal: Signal
    ) -> Double? {
        let path = section.path(key)
        guard let value = quantity(word, Dimension(signal.unit), path: path, subject: signal.name) else { return nil }
        guard value >= 0 else {
            report(word, path, "\(signal) is never below 0 where it says anything; give a positive bound")
            return nil
        }
        if key == .above, value == 0 {
            report(word, path, "at or above 0 always holds; give a positive bound")
            return nil
        }
        if let most = signal.unit.most {
            let wanted = "\(signal) is at most \(signal.unit.text(most))"
            guard value <= most else {
                report(word, path, key == .above ? "\(wanted), so this never holds" : "\(wanted), so this always holds")
                return nil
            }
        }
        return value
    }
}

extension RuleKey {
    /// Whether it is one of the conditions of which a rule needs one.
    fileprivate var isCondition: Bool {
        switch self {
        case .above, .below, .deviation: true
        case .name, .enabled, .summary, .signal, .role, .sustain, .clearAfter, .clearAt, .severity, .classes, .tenants,
            .ladder:
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
