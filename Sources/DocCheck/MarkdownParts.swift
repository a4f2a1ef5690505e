/// A Markdown page as lines of prose and fenced blocks.
///
/// Only what our own pages use: fences of three backticks, which stand at the beginning of their line.
struct MarkdownParts {
    /// One of them.
    enum Part: Equatable {
        /// A line outside of the blocks.
        case prose(line: Int, text: String)
        /// A block: the line of its first fence, what stands behind that, and its lines.
        case block(line: Int, language: String, lines: [String])
    }

    private(set) var parts: [Part] = []

    /// Takes a page apart.
    ///
    /// - Parameters:
    ///   - name: Its name for problems.
    ///   - text: Its Markdown.
    /// - Throws: ``DocProblem`` where a fence is indented or a block does not end.
    init(name: String, text: String) throws(DocProblem) {
        var open: (line: Int, language: String, lines: [String])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let isFence = line.hasPrefix("```")
            if var block = open {
                if isFence {
                    parts.append(.block(line: block.line, language: block.language, lines: block.lines))
                    open = nil
                } else {
                    block.lines.append(String(line))
                    open = block
                }
            } else if isFence {
                open = (index + 1, String(line.dropFirst(3)).trimmed, [])
            } else if String(line).trimmed.hasPrefix("```") {
                throw DocProblem(page: name, line: index + 1, text: "a fence stands at the beginning of its line")
            } else {
                parts.append(.prose(line: index + 1, text: String(line)))
            }
        }
        if let block = open { throw DocProblem(page: name, line: block.line, text: "this block does not end") }
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
