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
    /// The file's name, for problems.
    let file: String
    /// The line being looked at, from 1.
    var line = 0
    /// Brackets open.
    var depth = 0
    /// Whether the line before ended within an unquoted text.
    var inPlain = false
    /// The column, from 0, of the last key or dash outside of brackets; -1 before the first.
    var indent = -1
    /// Whether anything but comments was seen.
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

    /// Whether there is no use in looking on.
    private var isDone: Bool { problems.count >= Self.mostProblems || depth > Self.deepest }

    /// Notes a problem at a column of the line, from 0.
    mutating func report(_ index: Int, _ message: String, value: String = "") {
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
