extension TextGuard {
    /// Follows the tokens of one line.
    mutating func lex(_ scalars: ArraySlice<Unicode.Scalar>) {
        var index = scalars.startIndex
        var token: Int?
        var dashes = 0
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = index + 1 < scalars.endIndex ? scalars[index + 1] : " "
            if scalar == "\t" {
                return report(index, "a tab; indent and separate with spaces", value: "\t")
            }
            if inPlain {
                guard ends(scalars, index, next) else {
                    index += 1
                    continue
                }
                inPlain = false
            }
            if depth == 0, scalar != " ", scalar != ":" || next != " " { token = index }
            switch scalar {
            case " ", ",": index += 1
            case "#": return
            case "\"", "'":
                guard let end = Self.closing(scalars, from: index) else {
                    return report(index, "the quote is not closed on its line; close it there", value: String(scalar))
                }
                index = end + 1
            case "&", "*":
                return report(
                    index,
                    "anchors ('&') and aliases ('*') are not accepted; write the value out, in quotes if it is text",
                    value: Self.word(scalars, index)
                )
            case "!":
                return report(index, "tags ('!') are not accepted; remove it", value: Self.word(scalars, index))
            case "|", ">":
                return report(
                    index,
                    "block texts ('|' and '>') are not accepted; write the text on one line, in quotes if need be",
                    value: Self.word(scalars, index)
                )
            case "[", "{":
                depth += 1
                guard depth <= Self.deepest else {
                    return report(index, "brackets nest deeper than \(Self.deepest)", value: String(scalar))
                }
                index += 1
            case "]", "}":
                depth = max(0, depth - 1)
                index += 1
            case "?" where next == " " || depth > 0:
                return report(index, "explicit keys ('? ') are not accepted; write 'key: value'", value: "?")
            case "-" where next == " ":
                if depth == 0 {
                    indent = index
                    token = nil
                }
                dashes += 1
                guard dashes <= Self.deepest else {
                    return report(index, "lists nest deeper than \(Self.deepest)", value: "-")
                }
                index += 1
            case ":" where next == " " || depth > 0:
                if depth == 0 { indent = token ?? index }
                index += 1
            default:
                inPlain = true
                index += 1
            }
        }
    }

    /// Whether an unquoted text ends before the character at an index.
    private func ends(_ scalars: ArraySlice<Unicode.Scalar>, _ index: Int, _ next: Unicode.Scalar) -> Bool {
        switch scalars[index] {
        case "#": index == scalars.startIndex || scalars[index - 1] == " "
        case ":": next == " " || (depth > 0 && ",[]{}".unicodeScalars.contains(next))
        case ",", "[", "]", "{", "}": depth > 0
        default: false
        }
    }

    /// Where a quoted text ends; `nil` where it does not end on its line.
    private static func closing(_ scalars: ArraySlice<Unicode.Scalar>, from start: Int) -> Int? {
        let quote = scalars[start]
        var index = start + 1
        while index < scalars.endIndex {
            if quote == "\"", scalars[index] == "\\" {
                index += 1
            } else if scalars[index] == quote {
                guard quote == "'", index + 1 < scalars.endIndex, scalars[index + 1] == quote else { return index }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// The characters from an index up to the next space.
    private static func word(_ scalars: ArraySlice<Unicode.Scalar>, _ start: Int) -> String {
        var text = String.UnicodeScalarView()
        for scalar in scalars[start...].prefix(while: { $0 != " " }).prefix(60) { text.append(scalar) }
        return String(text)
    }
}
