import Signals

extension PolicyCompiler {
    /// Companions that one rule may have.
    static let mostCompanions = 8

    /// The companions of a rule: each `SIGNAL above VALUE` or `SIGNAL below VALUE`.
    mutating func companions(_ section: PolicyDraft.Section<RuleKey>) -> [Companion] {
        guard let (words, place) = section.list(.also) else { return [] }
        let path = section.path(.also)
        guard (1...Self.mostCompanions).contains(words.count) else {
            report(
                place,
                path,
                "\(words.count) entries; it wants 1 to \(Self.mostCompanions), such as [disk.write_ops below 10 /s]"
            )
            return []
        }
        return words.compactMap { companion($0, path: path) }
    }

    /// One companion, or `nil` and a problem.
    private mutating func companion(_ word: Word, path: String) -> Companion? {
        let parts = word.text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let key = Self.side(parts[1]) else {
            report(word, path, "it wants 'SIGNAL above VALUE' or 'SIGNAL below VALUE', such as 'cpu.usage above 80%'")
            return nil
        }
        guard let signal = Signal(name: parts[0]) else {
            let names = Signal.allCases.map(\.name)
            report(
                word,
                path,
                "unknown signal '\(PolicyProblem.shortened(String(parts[0])))'",
                near: NearestName.of(String(parts[0]), among: names)
            )
            return nil
        }
        let value = Word(text: String(parts[2]), place: word.place)
        guard let bound = bound(value, key, path, signal) else { return nil }
        return Companion(signal, isAbove: key == .above, bound: bound.value, perVCPU: bound.perVCPU)
    }

    /// The side that a word names; `nil` for any other.
    private static func side(_ word: Substring) -> RuleKey? {
        switch word {
        case "above": .above
        case "below": .below
        default: nil
        }
    }
}
