/// A place of a page where a tool is named with what it is to do.
public struct ToolUse: Equatable, Sendable {
    /// The line of the page, from 1.
    public var line: Int
    /// The words behind the tool's name.
    public var words: [String]

    /// All places of a page: in code within its prose, and in blocks of shell commands.
    ///
    /// - Parameters:
    ///   - tool: The tool's name.
    ///   - name: The page's name for problems.
    ///   - text: Its Markdown.
    /// - Returns: The places in the order of the page.
    /// - Throws: ``DocProblem`` where the page is malformed.
    public static func all(of tool: String, page name: String, text: String) throws(DocProblem) -> [ToolUse] {
        var uses: [ToolUse] = []
        var prose: [(line: Int, text: String)] = []
        for part in try MarkdownParts(name: name, text: text).parts {
            switch part {
            case .prose(let line, let text): prose.append((line, text))
            case .block(let line, let language, let lines):
                uses += spans(in: prose).flatMap { find(tool, in: $0.text, line: $0.line) }
                prose = []
                uses += commands(in: lines, language, from: line + 1).flatMap { find(tool, in: $0.text, line: $0.line) }
            }
        }
        return uses + spans(in: prose).flatMap { find(tool, in: $0.text, line: $0.line) }
    }

    /// What stands between backticks, which may lie on two lines of one paragraph.
    private static func spans(in prose: [(line: Int, text: String)]) -> [(line: Int, text: String)] {
        var spans: [(line: Int, text: String)] = []
        var open: (line: Int, text: String)?
        for (line, text) in prose {
            if text.trimmed.isEmpty { open = nil }
            for (index, piece) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
                if index > 0 {
                    if let span = open {
                        spans.append(span)
                        open = nil
                    } else {
                        open = (line, "")
                    }
                }
                open?.text += piece
            }
            open?.text += " "
        }
        return spans
    }

    /// The commands of a block: its lines where it is a script, those behind a prompt where it is a dialogue.
    private static func commands(
        in lines: [String],
        _ language: String,
        from first: Int
    ) -> [(line: Int, text: String)] {
        var commands: [(line: Int, text: String)] = []
        var goesOn = false
        for (index, line) in lines.enumerated() {
            var text = line
            switch language {
            case "sh": break
            case "console", "console host":
                guard goesOn ? line.hasPrefix("> ") : line.hasPrefix("$ ") else {
                    goesOn = false
                    continue
                }
                text = String(line.dropFirst(2))
            default: return []
            }
            if goesOn, let last = commands.indices.last {
                commands[last].text += " " + text
            } else {
                commands.append((first + index, text))
            }
            goesOn = text.hasSuffix("\\")
            if goesOn, let last = commands.indices.last { commands[last].text.removeLast() }
        }
        return commands
    }

    /// The uses in one command line.
    private static func find(_ tool: String, in text: String, line: Int) -> [ToolUse] {
        var uses: [ToolUse] = []
        var words: [String] = []
        for word in ShellWords(text).words + [.end] {
            switch word {
            case .text(let text): words.append(text)
            case .end:
                if words.first == "sudo" { words.removeFirst() }
                if words.first == tool { uses.append(ToolUse(line: line, words: clean(words.dropFirst()))) }
                words = []
            }
        }
        return uses
    }

    /// The words without the brackets around what may be left out, and without the mark of what goes on.
    private static func clean(_ words: ArraySlice<String>) -> [String] {
        words.map { word in
            var word = word[...]
            while word.first == "[" { word.removeFirst() }
            while word.last == "]" || word.last == "…" { word.removeLast() }
            return String(word)
        }.filter { !$0.isEmpty }
    }
}

/// The words of a shell command, as far as our own pages use the shell: quotes, comments, pipes and redirections.
struct ShellWords {
    /// One of them.
    enum Word: Equatable {
        /// A word without its quotes.
        case text(String)
        /// Here another command begins.
        case end
    }

    private(set) var words: [Word] = []

    /// Takes a command apart.
    ///
    /// - Parameter text: The command.
    init(_ text: String) {
        var word: String?
        var quote: Character?
        var isRedirection = false
        func finish() {
            if let word, !isRedirection { words.append(.text(word)) }
            // What follows the sign of a redirection is a file.
            if word != nil { isRedirection = false }
            word = nil
        }
        scan: for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
                continue
            }
            switch character {
            case "'", "\"":
                quote = character
                word = word ?? ""
            case "#" where word == nil: break scan
            case " ", "\t": finish()
            case "|", ";", "&", "(", ")":
                finish()
                words.append(.end)
            case "<", ">":
                if word.map({ $0.allSatisfy(\.isNumber) }) == true { word = nil }
                finish()
                isRedirection = true
            default: word = (word ?? "") + String(character)
            }
        }
        finish()
    }
}
