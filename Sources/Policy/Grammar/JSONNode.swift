/// A JSON value whose keys keep their order, so that a generated file reads like the table that it is made of.
indirect enum JSONNode: Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([JSONNode])
    case object([(key: String, value: JSONNode)])

    /// A list of texts.
    static func texts(_ texts: some Sequence<String>) -> JSONNode { .list(texts.map { .text($0) }) }

    /// An object of one key.
    static func object(_ key: String, _ value: JSONNode) -> JSONNode { .object([(key: key, value: value)]) }

    /// The object with more behind its keys; what is no object stays as it is.
    func adding(_ more: JSONNode) -> JSONNode {
        guard case .object(let own) = self, case .object(let others) = more else { return self }
        return .object(own + others)
    }

    /// The value as text, two spaces a level, and a line feed at its end.
    var file: String { lines.joined(separator: "\n") + "\n" }

    /// The lines of the value; short lists stay on one.
    private var lines: [String] {
        switch self {
        case .text(let text): [Self.quoted(text)]
        case .number(let number): [number == number.rounded() ? "\(Int(number))" : "\(number)"]
        case .flag(let flag): [flag ? "true" : "false"]
        case .list(let items): Self.block(items.map(\.lines), "[", "]")
        case .object(let pairs):
            Self.block(
                pairs.map { pair in
                    var lines = pair.value.lines
                    lines[0] = Self.quoted(pair.key) + ": " + lines[0]
                    return lines
                },
                "{",
                "}"
            )
        }
    }

    /// Parts between brackets: on one line where that is short, else each on its own.
    private static func block(_ parts: [[String]], _ open: String, _ close: String) -> [String] {
        if parts.allSatisfy({ $0.count == 1 }) {
            let line = open + parts.map { $0[0] }.joined(separator: ", ") + close
            if line.count <= 90 { return [line] }
        }
        var lines = [open]
        for (index, part) in parts.enumerated() {
            lines += part.map { "  " + $0 }
            if index + 1 < parts.count { lines[lines.count - 1] += "," }
        }
        return lines + [close]
    }

    /// A text within quotes, as RFC 8259 wants it.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted.unicodeScalars.append(contentsOf: ["\\", scalar])
            case "\n": quoted += "\\n"
            case "\u{0}"..<" ":
                let code = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(integerLiteral number: Int) { self = .number(Double(number)) }
    init(booleanLiteral flag: Bool) { self = .flag(flag) }
    init(arrayLiteral items: JSONNode...) { self = .list(items) }
    init(dictionaryLiteral pairs: (String, JSONNode)...) { self = .object(pairs.map { (key: $0.0, value: $0.1) }) }
}
