/// The look over a text before the YAML library sees it.
///
/// Threshold files are written in a plain part of YAML: no anchors and aliases, tags, directives, block texts, explicit
/// keys, tabs or second documents. That keeps the files readable, and it keeps hostile ones from making the library
/// recurse without end or expand without bound, since it takes what it is given at its word.
///
/// It follows the tokens as the library does. Two things would go on over lines: a quoted text, which must end on its
/// line, and an unquoted one, which goes on within brackets, or where a line is indented further than its key or dash.
struct TextGuard {
    /// Brackets and braces within each other.
    static let deepest = 8
    /// Leading spaces.
    static let furthestIndent = 100
    /// Problems told of one file: enough to mend it, not a flood.
    static let mostProblems = 20

    /// What was found.
    private(set) var problems: [PolicyProblem] = []
    private let file: String
    private var line = 0
    private var depth = 0
    /// Whether the line before ended within an unquoted text.
    private var inPlain = false
    /// The column, from 0, of the last key or dash outside of brackets; -1 before the first.
    private var indent = -1
    private var sawContent = false

    private init(file: String) {
        self.file = file
    }

    /// What keeps a text from being handed on.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: The file's name, for problems.
    /// - Returns: The problems, at most one a line; none where it may be handed on.
    static func problems(in text: String, file: String) -> [PolicyProblem] {
        var guarding = TextGuard(file: file)
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                guarding.look(at: scalars)
                scalars.removeAll(keepingCapacity: true)
                if guarding.isDone { return guarding.problems }
            } else {
                scalars.append(scalar)
            }
        }
        guarding.look(at: scalars)
        if !guarding.sawContent, guarding.problems.isEmpty {
            return [PolicyProblem(.start(of: file), SourceText.emptiness)]
        }
        return guarding.problems
    }

    private var isDone: Bool { problems.count >= Self.mostProblems || depth > Self.deepest }

    private mutating func report(_ index: Int, _ message: String, value: String = "") {
        problems.append(PolicyProblem(Place(file: file, line: line, column: index + 1), value: value, message))
    }

    /// Looks at one line without its line feed.
    private mutating func look(at whole: [Unicode.Scalar]) {
        line += 1
        let scalars = whole.last == "\r" ? whole[..<(whole.count - 1)] : whole[...]
        if let index = scalars.firstIndex(where: Self.isForbidden) {
            let code = String(scalars[index].value, radix: 16, uppercase: true)
            report(
                index,
                "the character U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code) is not accepted; "
                    + "write printable text and line feeds"
            )
            return
        }
        guard let first = scalars.firstIndex(where: { $0 != " " && $0 != "\t" }) else { return }
        if depth == 0, first <= indent { inPlain = false }
        if scalars[first] == "#" {
            inPlain = false
        } else {
            if first > Self.furthestIndent {
                return report(first, "the line is indented by more than \(Self.furthestIndent) columns")
            }
            if scalars.first == "%" {
                return report(0, "directives ('%') are not accepted; remove the line", value: "%")
            }
            let isBeginning = Self.isMarker(scalars, "---")
            if isBeginning, sawContent {
                return report(0, "a second document begins here; a file holds one", value: "---")
            }
            sawContent = true
            if isBeginning || Self.isMarker(scalars, "...") {
                // What follows a marker on its line is a part of the document.
                inPlain = false
                indent = -1
                return lex(scalars.dropFirst(3))
            }
        }
        lex(scalars)
    }

    /// Whether a line begins with the marker of a document's beginning or end.
    private static func isMarker(_ scalars: ArraySlice<Unicode.Scalar>, _ marker: String) -> Bool {
        scalars.starts(with: marker.unicodeScalars) && (scalars.count == 3 || scalars[3] == " " || scalars[3] == "\t")
    }

    /// Whether a character is refused wherever it stands: controls, other line ends, marks that turn the text round.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}

extension TextGuard {
    /// Follows the tokens of one line.
    private mutating func lex(_ scalars: ArraySlice<Unicode.Scalar>) {
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
