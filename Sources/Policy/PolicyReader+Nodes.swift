import Yams

extension PolicyReader {
    /// Where a node begins.
    func place(_ node: Node) -> Place {
        Place(file: file, line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
    }

    /// Notes a problem at a place.
    mutating func report(_ place: Place, path: String, value: String = "", _ message: String, near: String? = nil) {
        problems.append(PolicyProblem(place, key: path, value: value, message, suggestion: near))
    }

    /// Notes a problem with a word, which the message begins with.
    mutating func report(_ word: Word, path: String, _ message: String, near: String? = nil) {
        let shown = PolicyProblem.shortened(word.text)
        report(word.place, path: path, value: word.text, "'\(shown)': \(message)", near: near)
    }

    /// Notes that a node is not of the shape that is wanted.
    mutating func reportShape(_ node: Node, path: String, _ wanted: String) {
        let found =
            switch node {
            case .scalar(let scalar):
                scalar.string.isEmpty ? "nothing" : "'" + PolicyProblem.shortened(scalar.string) + "'"
            case .mapping: "a group of keys"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        report(place(node), path: path, value: node.scalar?.string ?? "", "\(found) where it wants \(wanted)")
    }

    /// The pairs of a mapping whose keys are known, in the order of the file; the others are reported.
    mutating func pairs<Key>(
        of node: Node,
        path: String,
        accepting keys: Key.Type
    ) -> [(key: Key, word: Word, value: Node)] where Key: CaseIterable & RawRepresentable<String> {
        let names = Key.allCases.map(\.rawValue)
        guard case .mapping(let mapping) = node else {
            reportShape(node, path: path, "keys and values (keys: \(names.joined(separator: ", ")))")
            return []
        }
        var pairs: [(key: Key, word: Word, value: Node)] = []
        for (keyNode, value) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                reportShape(keyNode, path: path, "a key, which is a plain word")
                continue
            }
            let word = Word(text: scalar.string, place: place(keyNode))
            if let key = Key(rawValue: word.text) {
                pairs.append((key, word, value))
            } else {
                report(
                    word,
                    path: path.isEmpty ? PolicyProblem.shortened(word.text) : path,
                    "unknown key; accepted: \(names.joined(separator: ", "))",
                    near: NearestName.of(word.text, among: names)
                )
            }
        }
        return pairs
    }

    /// A section with keys of one kind; `nil` where the node is not even a mapping.
    mutating func section<Key: PolicyKey>(
        _ node: Node,
        _ keys: Key.Type,
        path: String
    ) -> PolicyDraft.Section<Key>? {
        guard case .mapping = node else {
            let names = Key.allCases.map(\.rawValue).joined(separator: ", ")
            reportShape(node, path: path, "keys and values (keys: \(names))")
            return nil
        }
        var section = PolicyDraft.Section<Key>(path: path, place: place(node))
        for (key, _, value) in pairs(of: node, path: path, accepting: keys) {
            section.fields[key] = field(value, key, path: section.path(key))
        }
        return section
    }

    /// The value of a key in the shape that the key wants; unreadable, with a problem, where it has another.
    private mutating func field<Key: PolicyKey>(_ node: Node, _ key: Key, path: String) -> Field {
        switch key.shape {
        case .word:
            return word(node, path: path).map { .word($0) } ?? .unreadable
        case .list:
            if key.acceptsNone, let scalar = node.scalar, scalar.string == "none" {
                return .word(Word(text: scalar.string, place: place(node)))
            }
            guard case .sequence(let sequence) = node else {
                reportShape(node, path: path, "a list, such as [one, two]")
                return .unreadable
            }
            guard sequence.count <= Self.mostWords else {
                report(place(node), path: path, "more than \(Self.mostWords) entries in one list")
                return .unreadable
            }
            let words = sequence.compactMap { word($0, path: path) }
            return words.count == sequence.count ? .list(words, place(node)) : .unreadable
        }
    }

    /// The word that a node is; `nil`, with a problem, for anything else, for nothing and for unprintable text.
    mutating func word(_ node: Node, path: String) -> Word? {
        guard case .scalar(let scalar) = node else {
            reportShape(node, path: path, "one value")
            return nil
        }
        let text = scalar.string
        let isNull = scalar.style == .plain && ["", "~", "null"].contains(text)
        guard !isNull, !text.isEmpty else {
            report(place(node), path: path, "it has no value; give one or leave the key out")
            return nil
        }
        guard text.unicodeScalars.count <= Self.longestWord else {
            report(place(node), path: path, value: text, "longer than \(Self.longestWord) characters")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            report(place(node), path: path, value: text, "it holds a control character; write printable text")
            return nil
        }
        return Word(text: text, place: place(node))
    }

    /// The name of a ladder; `nil`, with a problem, where it is none.
    mutating func name(_ node: Node, path: String) -> Word? {
        guard let word = word(node, path: path), checkName(word, path: path) else { return nil }
        return word
    }

    /// Whether a word may name a rule, a ladder or a window: they end up in journal fields, metrics and commands.
    mutating func checkName(_ word: Word, path: String) -> Bool {
        let bytes = Array(word.text.utf8)
        let fits = bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard fits, bytes.count <= 64, bytes.first != UInt8(ascii: "-"), word.text != "none" else {
            report(word, path: path, "a name is 1 to 64 lower-case letters, digits and hyphens, and not 'none'")
            return false
        }
        return true
    }
}
