import Terminal

/// A terminal on paper: does what the escape sequences of ``Screen`` say, and refuses all others.
struct PaperTerminal {
    struct Cell: Equatable {
        var text: Character
        var style: String
    }

    var lines: [[Cell]]
    private var line = 0
    private var column = 0
    private var style = "0"
    /// What it was sent and does not know.
    var unknown: [String] = []

    init(_ size: TerminalSize) {
        let blank = Cell(text: " ", style: "0")
        lines = Array(repeating: Array(repeating: blank, count: size.columns), count: size.lines)
    }

    /// The text of a line, without the second halves of wide characters.
    func text(_ line: Int) -> String { String(lines[line].map(\.text).filter { $0 != "\0" }) }

    mutating func take(_ output: String) {
        var rest = Substring(output)
        while let character = rest.popFirst() {
            if character == "\u{1b}" { sequence(&rest) } else { put(character) }
        }
    }

    private mutating func put(_ character: Character) {
        let width = TextWidth.columns(of: character)
        guard column + width <= lines[line].count else {
            unknown.append("beyond the right edge: \(character)")
            return
        }
        lines[line][column] = Cell(text: character, style: style)
        if width == 2 { lines[line][column + 1] = Cell(text: "\0", style: style) }
        column += width
    }

    private mutating func sequence(_ rest: inout Substring) {
        guard rest.popFirst() == "[" else { return unknown.append("no bracket") }
        let parameters = String(rest.prefix { !$0.isLetter })
        rest.removeFirst(parameters.count)
        switch rest.popFirst() {
        case "H":
            let place = parameters.split(separator: ";").compactMap { Int($0) }
            line = place[0] - 1
            column = place[1] - 1
        case "J": lines = lines.map { line in line.map { _ in Cell(text: " ", style: "0") } }
        case "K":
            if style != "0" { unknown.append("cleared in a style") }
            for index in column..<lines[line].count { lines[line][index] = Cell(text: " ", style: "0") }
        case "m": style = parameters
        case let final: unknown.append("\(parameters)\(final.map(String.init) ?? "end")")
        }
    }
}
