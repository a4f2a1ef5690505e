import Signals

/// The JSON Schema (draft 2020-12) of threshold files, for editors.
///
/// It is made of the grammar that the compiler checks by. It knows what one key may say, and a little of what keys of one
/// section mean together; names of other files, ranges and sums are for `quell check`.
public enum PolicySchema {
    /// Where it is installed.
    public static let installed = "/usr/share/quell/policy.schema.json"

    /// The schema as the file holds it.
    public static var file: String { schema.file }

    /// The schema.
    static var schema: JSONNode {
        var definitions: [(key: String, value: JSONNode)] = values
        for section in PolicySection.allCases where section != .top {
            definitions.append((section.rawValue, node(of: section)))
        }
        return JSONNode.object([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("$id", "urn:quell:policy:1"),
            ("title", "Quell threshold file"),
            ("description", "What Quell watches, what follows, and its limits; \"quell check\" says the rest."),
        ]).adding(node(of: .top)).adding(["minProperties": 1, "$defs": .object(definitions)])
    }

    /// The schema of one kind of section.
    private static func node(of section: PolicySection) -> JSONNode {
        var node: JSONNode = [
            "type": "object",
            "properties": .object(section.keys.map { ($0.name, property($0.grammar)) }),
            "additionalProperties": false,
        ]
        let required = section.keys.filter(\.grammar.isRequired).map(\.name)
        if !required.isEmpty { node = node.adding(["required": .texts(required)]) }
        if section == .rule { node = node.adding(["allOf": .list(ruleConditions)]) }
        return node
    }

    /// The schema of one key.
    private static func property(_ grammar: KeyGrammar) -> JSONNode {
        var node = value(grammar.takes)
        if grammar.acceptsNone { node = ["anyOf": .list([node, ["const": "none"]])] }
        node = node.adding(["description": .text(plain(grammar.about))])
        if let normally = grammar.normally { node = node.adding(["default": written(normally, grammar.takes)]) }
        switch grammar.takes {
        case .section, .list, .map: return node
        case .version, .choice, .yesNo, .text, .name, .whole, .amount, .signal, .bound, .ladder, .time, .cpus, .names,
            .days, .steps, .classSteps, .companions:
            return node.adding(["examples": .list([written(grammar.example, grammar.takes)])])
        }
    }

    /// A text without the links that the reference has.
    private static func plain(_ text: String) -> String {
        var plain = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "["), let end = rest.firstIndex(of: "]"), open < end,
            let close = rest[end...].firstIndex(of: ")")
        {
            plain += rest[..<open] + rest[rest.index(after: open)..<end]
            rest = rest[rest.index(after: close)...]
        }
        return plain + rest
    }

    /// A value of the table as JSON.
    static func written(_ text: String, _ takes: KeyValue) -> JSONNode {
        if takes.isList, text.hasPrefix("["), text.hasSuffix("]") {
            let words = text.dropFirst().dropLast().split(separator: ",")
            return .texts(words.map { String($0.drop { $0 == " " }) })
        }
        if case .whole = takes, let number = Int(text) { return .number(Double(number)) }
        if case .version = takes, let number = Int(text) { return .number(Double(number)) }
        return .text(text.filter { $0 != "\"" })
    }

    /// What keys of one rule mean together: the bound's unit by the signal, what a detector knows, who is held.
    private static var ruleConditions: [JSONNode] {
        let signals = Signal.allCases.filter { $0.scope == .vm }
        var conditions = Unit.allCases.compactMap { unit -> JSONNode? in
            let names = signals.filter { $0.unit == unit }.map(\.name)
            guard !names.isEmpty else { return nil }
            return when("signal", names, ["above": orNone(bound(unit)), "below": orNone(bound(unit))])
        }
        for key in RuleKey.allCases {
            let others = Rule.Detector.allCases.filter { !$0.knows(key) }.map(\.rawValue)
            if !others.isEmpty {
                conditions.append(when("detector", others, .object(key.rawValue, ["const": "none"])))
            }
        }
        conditions.append(when("role", [Rule.Role.suspect.rawValue], ["ladder": ["const": "none"]]))
        return conditions
    }

    /// What follows where a key has one of some values.
    private static func when(_ key: String, _ values: [String], _ properties: JSONNode) -> JSONNode {
        [
            "if": ["properties": .object(key, ["enum": .texts(values)]), "required": .texts([key])],
            "then": ["properties": properties],
        ]
    }

    /// A value or `none`.
    private static func orNone(_ node: JSONNode) -> JSONNode { ["anyOf": .list([node, ["const": "none"]])] }
}
