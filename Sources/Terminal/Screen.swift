/// What a terminal shows, so that only what changes is sent: a picture a second stays readable over a slow line.
public struct Screen: Sendable {
    /// Takes the whole terminal, hides the cursor, and does not wrap at the right edge.
    public static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
    /// Gives it back as it was.
    public static let leave = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// A cell; the second one of a wide character holds nothing.
    private struct Cell: Equatable {
        var character: Character?
        var style: Style

        static let blank = Cell(character: " ", style: .plain)
    }

    /// Cells in between that are cheaper to send again than to move over.
    private static let gap = 6

    private let colour: Bool
    private var size = TerminalSize(columns: 0, lines: 0)
    private var shown: [[Cell]] = []

    /// A screen of which nothing is known yet.
    ///
    /// - Parameter colour: Whether styles may be used.
    public init(colour: Bool) {
        self.colour = colour
    }

    /// Forgets what is shown, so that the next picture is sent whole.
    public mutating func forget() {
        shown = []
    }

    /// What to send for the terminal to show these lines.
    ///
    /// - Parameters:
    ///   - lines: The lines from the top; what does not fit is not shown.
    ///   - size: The size of the terminal.
    /// - Returns: The bytes, as text; empty where nothing changed.
    public mutating func update(_ lines: [StyledLine], size: TerminalSize) -> String {
        var output = ""
        if size != self.size || shown.isEmpty {
            output += "\u{1b}[0m\u{1b}[2J"
            self.size = size
            shown = Array(repeating: Array(repeating: .blank, count: size.columns), count: size.lines)
        }
        var style: Style = .plain
        for index in 0..<size.lines {
            let wanted = cells(of: lines.indices.contains(index) ? lines[index] : StyledLine())
            if wanted == shown[index] { continue }
            output += Self.changes(from: shown[index], to: wanted, line: index, style: &style)
            shown[index] = wanted
        }
        return style == .plain ? output : output + Style.plain.sequence
    }

    private func cells(of line: StyledLine) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(size.columns)
        for piece in line.pieces {
            let style = colour ? piece.style : piece.style.intersection(.reverse)
            for character in piece.text {
                let width = TextWidth.columns(of: character)
                if width == 0 || cells.count + width > size.columns { continue }
                cells.append(Cell(character: character, style: style))
                if width == 2 { cells.append(Cell(character: nil, style: style)) }
            }
        }
        cells += Array(repeating: .blank, count: size.columns - cells.count)
        return cells
    }

    private static func changes(from old: [Cell], to new: [Cell], line: Int, style: inout Style) -> String {
        var output = ""
        var column = 0
        // Behind this column there is nothing but blanks.
        let end = (new.lastIndex { $0 != .blank } ?? -1) + 1
        while let start = new.indices.dropFirst(column).first(where: { new[$0] != old[$0] }) {
            if start >= end {
                output += move(line, start) + set(.plain, &style) + "\u{1b}[K"
                break
            }
            // The first half of a wide character goes with the second.
            var first = start
            while first > 0, new[first].character == nil { first -= 1 }
            var last = start
            for index in start..<min(end, new.count) {
                if new[index] != old[index] { last = index } else if index - last > gap { break }
            }
            output += move(line, first)
            for cell in new[first...last] {
                guard let character = cell.character else { continue }
                output += set(cell.style, &style)
                output.append(character)
            }
            column = last + 1
        }
        return output
    }

    private static func move(_ line: Int, _ column: Int) -> String { "\u{1b}[\(line + 1);\(column + 1)H" }

    private static func set(_ wanted: Style, _ style: inout Style) -> String {
        if wanted == style { return "" }
        style = wanted
        return wanted.sequence
    }
}
