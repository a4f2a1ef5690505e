import Yams

/// The second stage at work: one file's tree into the draft.
struct PolicyReader {
    /// Rules that one file may hold.
    static let mostRules = 1_000
    /// Ladders that one file may hold.
    static let mostLadders = 100
    /// Words that one list may hold.
    static let mostWords = 1_000
    /// Characters that one word may hold.
    static let longestWord = 1_000

    /// What the files read so far say.
    var draft = PolicyDraft()
    /// What is wrong with them.
    var problems: [PolicyProblem] = []
    /// The file being read.
    private(set) var file = ""

    /// Reads one file's tree into the draft.
    ///
    /// - Parameters:
    ///   - root: The root of the tree.
    ///   - file: The file's name.
    mutating func read(_ root: Node, file: String) {
        self.file = file
        for (key, word, node) in pairs(of: root, path: "", accepting: TopKey.self) {
            switch key {
            case .version: readVersion(node)
            case .mode: draft.mode = self.word(node, path: word.text) ?? draft.mode
            case .limits:
                let section = section(node, LimitKey.self, path: "limits")
                if draft.limits == nil {
                    draft.limits = section
                } else if let section {
                    draft.limits?.merge(section)
                }
            case .protect:
                guard let section = section(node, ProtectKey.self, path: "protect") else { continue }
                draft.protectedVMs += section.list(.vms)?.words ?? []
                draft.protectedTenants += section.list(.tenants)?.words ?? []
            case .ladders: readLadders(node)
            case .rules: readRules(node)
            }
        }
    }

    private mutating func readVersion(_ node: Node) {
        guard let word = word(node, path: "version"), word.text != "1" else { return }
        report(word, path: "version", "this Quell reads version 1")
    }

    private mutating func readLadders(_ node: Node) {
        guard case .mapping(let mapping) = node else {
            return reportShape(node, path: "ladders", "ladders by name, such as 'cpu-throttle:' with its keys below it")
        }
        guard mapping.count <= Self.mostLadders else {
            return report(place(node), path: "ladders", "more than \(Self.mostLadders) ladders in one file")
        }
        for (keyNode, value) in mapping {
            guard let name = name(keyNode, path: "ladders") else { continue }
            guard let section = section(value, LadderKey.self, path: "ladders." + name.text) else { continue }
            draft.ladders.add(NamedSection(name: name, section: section))
        }
    }

    private mutating func readRules(_ node: Node) {
        guard case .sequence(let sequence) = node else {
            return reportShape(node, path: "rules", "a list, each rule beginning with '- name:'")
        }
        guard sequence.count <= Self.mostRules else {
            return report(place(node), path: "rules", "more than \(Self.mostRules) rules in one file")
        }
        var lines: [String: Int] = [:]
        for (index, item) in sequence.enumerated() {
            let given = Self.plainName(of: item) ?? "\(index + 1)"
            guard var section = section(item, RuleKey.self, path: "rules." + given) else { continue }
            guard let word = section.word(.name) else {
                if section.fields[.name] == nil {
                    report(section.place, path: section.path, "the rule has no name; write '- name: some-name'")
                }
                continue
            }
            guard checkName(word, path: section.path(.name)) else { continue }
            if let first = lines[word.text] {
                report(
                    word,
                    path: section.path(.name),
                    "the rule is defined twice in this file, first on line \(first)"
                )
                continue
            }
            lines[word.text] = word.place.line
            section.place = word.place
            draft.rules.add(NamedSection(name: word, section: section))
        }
    }

    /// The name in a rule's node as it stands, for the paths in messages.
    private static func plainName(of node: Node) -> String? {
        guard case .mapping(let mapping) = node else { return nil }
        for (key, value) in mapping where key.scalar?.string == RuleKey.name.rawValue {
            guard let text = value.scalar?.string, !text.isEmpty else { return nil }
            return PolicyProblem.shortened(text)
        }
        return nil
    }
}
