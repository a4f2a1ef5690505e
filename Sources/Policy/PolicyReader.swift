import Signals
import Yams

/// The second stage at work: one file's tree into the draft.
struct PolicyReader {
    /// Rules that one file may hold.
    static let mostRules = 1_000
    /// Ladders that one file may hold.
    static let mostLadders = 100
    /// Maintenance windows that one file may hold.
    static let mostWindows = 100
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
            case .memoryHigh: draft.memoryHigh = self.word(node, path: word.text) ?? draft.memoryHigh
            case .limits: draft.limits.merge(section(node, LimitKey.self, path: word.text))
            case .quarantine: draft.quarantine.merge(section(node, QuarantineKey.self, path: word.text))
            case .audit: draft.audit.merge(section(node, AuditCheck.self, path: word.text))
            case .protect:
                guard let section = section(node, ProtectKey.self, path: "protect") else { continue }
                draft.protectedVMs += section.list(.vms)?.words ?? []
                draft.protectedTenants += section.list(.tenants)?.words ?? []
            case .ladders: readLadders(node)
            case .windows:
                for named in named(node, WindowKey.self, under: .name, of: "window", most: Self.mostWindows) {
                    draft.windows.add(named)
                }
            case .rules:
                for named in named(node, RuleKey.self, under: .name, of: "rule", most: Self.mostRules) {
                    draft.rules.add(named)
                }
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

    /// The sections of a list, each of which begins with its name; no two of one file share one.
    private mutating func named<Key: PolicyKey>(
        _ node: Node,
        _ keys: Key.Type,
        under nameKey: Key,
        of noun: String,
        most: Int
    ) -> [NamedSection<Key>] {
        let top = noun + "s"
        guard case .sequence(let sequence) = node else {
            reportShape(node, path: top, "a list, each \(noun) beginning with '- name:'")
            return []
        }
        guard sequence.count <= most else {
            report(place(node), path: top, "more than \(most) \(top) in one file")
            return []
        }
        var found: [NamedSection<Key>] = []
        var lines: [String: Int] = [:]
        for (index, item) in sequence.enumerated() {
            let given = Self.plainName(of: item, under: nameKey.rawValue) ?? "\(index + 1)"
            guard var section = section(item, keys, path: top + "." + given) else { continue }
            guard let word = section.word(nameKey) else {
                if section.fields[nameKey] == nil {
                    report(section.place, path: section.path, "the \(noun) has no name; write '- name: some-name'")
                }
                continue
            }
            guard checkName(word, path: section.path(nameKey)) else { continue }
            if let first = lines[word.text] {
                report(
                    word,
                    path: section.path(nameKey),
                    "the \(noun) is defined twice in this file, first on line \(first)"
                )
                continue
            }
            lines[word.text] = word.place.line
            section.place = word.place
            found.append(NamedSection(name: word, section: section))
        }
        return found
    }

    /// The name in a section's node as it stands, for the paths in messages.
    private static func plainName(of node: Node, under name: String) -> String? {
        guard case .mapping(let mapping) = node else { return nil }
        for (key, value) in mapping where key.scalar?.string == name {
            guard let text = value.scalar?.string, !text.isEmpty else { return nil }
            return PolicyProblem.shortened(text)
        }
        return nil
    }
}
