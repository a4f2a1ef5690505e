import Signals

extension PolicyCompiler {
    /// Notes a problem at a place.
    mutating func report(_ place: Place, _ path: String, _ message: String) {
        problems.append(PolicyProblem(place, key: path, message))
    }

    /// Notes a problem with a word, which the message begins with.
    mutating func report(_ word: Word, _ path: String, _ message: String, near: String? = nil) {
        let shown = PolicyProblem.shortened(word.text)
        problems.append(
            PolicyProblem(word.place, key: path, value: word.text, "'\(shown)': \(message)", suggestion: near)
        )
    }

    /// The value that a word names, or `nil` and a problem with all that are accepted.
    mutating func choice<Value>(_ word: Word, _ values: Value.Type, path: String) -> Value?
    where Value: CaseIterable & RawRepresentable<String> {
        if let value = Value(rawValue: word.text) { return value }
        let names = Value.allCases.map(\.rawValue)
        report(
            word,
            path,
            "accepted: \(names.joined(separator: ", "))",
            near: NearestName.of(word.text, among: names)
        )
        return nil
    }

    /// A quantity in the base unit of its kind, or `nil` and a problem.
    mutating func quantity(_ word: Word, _ kind: Dimension, path: String, subject: String) -> Double? {
        do {
            return try Quantity.value(of: word.text, as: kind, for: subject)
        } catch {
            problems.append(
                PolicyProblem(word.place, key: path, value: word.text, error.message, suggestion: error.suggestion)
            )
            return nil
        }
    }

    /// The quantity of a key, of the kind and within the range of its grammar; `nil` where it is not given or, with a
    /// problem, another.
    mutating func amount<Key>(_ section: PolicyDraft.Section<Key>, _ key: Key) -> Double? {
        guard case .amount(let kind, let range, let shown) = key.grammar.takes, let word = section.word(key) else {
            return nil
        }
        let path = section.path(key)
        guard let value = quantity(word, kind, path: path, subject: key.rawValue) else { return nil }
        guard range.contains(value) else {
            report(word, path, "out of range; accepted: \(shown)")
            return nil
        }
        return value
    }

    /// The whole number of a key, within the range of its grammar.
    mutating func whole<Key>(_ section: PolicyDraft.Section<Key>, _ key: Key) -> Int? {
        guard case .whole(let range) = key.grammar.takes, let word = section.word(key) else { return nil }
        guard let value = Int(word.text), range.contains(value) else {
            report(
                word,
                section.path(key),
                "it wants a whole number without a unit, \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        return value
    }

    /// Whether a word says yes; `nil` and a problem where it says neither yes nor no.
    mutating func yesOrNo(_ word: Word, _ path: String) -> Bool? {
        switch word.text.lowercased() {
        case "yes", "true", "on": return true
        case "no", "false", "off": return false
        default:
            report(word, path, "accepted: yes, no")
            return nil
        }
    }

    /// The names of a list; an empty list is refused, since it would mean all.
    mutating func selection<Key>(
        _ section: PolicyDraft.Section<Key>,
        _ key: Key,
        of noun: String
    ) -> Set<String> {
        guard let (words, place) = section.list(key) else { return [] }
        if words.isEmpty {
            report(place, section.path(key), "an empty list would speak of every \(noun); leave the key out for all")
        }
        return Set(words.map(\.text))
    }
}
