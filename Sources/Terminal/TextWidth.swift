import CKernel
import Glibc

/// How many columns text takes on a terminal.
public enum TextWidth {
    /// The widths of `wcwidth(3)` need a locale of UTF-8; C.UTF-8 is built into glibc since 2.35.
    private static let isReady: Bool = {
        // SAFETY: the string lives for the length of the call, and nobody else here sets the locale.
        unsafe setlocale(LC_CTYPE, "C.UTF-8") != nil
    }()

    /// The columns of a character: 0 for a mark alone, 2 for a wide one, else 1.
    ///
    /// - Parameter character: The character; what is combined with its first scalar takes no room.
    /// - Returns: The columns.
    public static func columns(of character: Character) -> Int {
        if character.isASCII { return 1 }
        guard isReady, let scalar = character.unicodeScalars.first else { return 1 }
        return max(0, Int(quell_columns(scalar.value)))
    }

    /// The columns of a text without control characters.
    ///
    /// - Parameter text: The text.
    /// - Returns: The columns.
    public static func columns(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// The text in exactly so many columns: filled with blanks, or cut with an ellipsis at its end.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - columns: The columns.
    ///   - right: Whether the blanks stand before it.
    ///   - ellipsis: What says that it was cut, of one column.
    /// - Returns: The text.
    public static func fit(_ text: String, _ columns: Int, right: Bool = false, ellipsis: Character = "…") -> String {
        let width = Self.columns(of: text)
        if width <= columns {
            let blanks = String(repeating: " ", count: columns - width)
            return right ? blanks + text : text + blanks
        }
        guard columns > 0 else { return "" }
        var cut = ""
        var used = 0
        for character in text {
            let next = Self.columns(of: character)
            if used + next > columns - 1 { break }
            cut.append(character)
            used += next
        }
        return cut + String(ellipsis) + String(repeating: " ", count: columns - 1 - used)
    }

    /// The text in lines of at most so many columns, broken at blanks where there are any, each line but the first set in.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - columns: The columns, at least 8.
    /// - Returns: The lines, one at least.
    public static func wrap(_ text: String, _ columns: Int) -> [String] {
        let columns = max(8, columns)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = String(word)
            let blank = line.isEmpty ? "" : " "
            if self.columns(of: line + blank + word) <= columns {
                line += blank + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while self.columns(of: "  " + word) > columns {
                let head = fit(word, columns - 2, ellipsis: " ").trimmed
                lines.append("  " + head)
                word.removeFirst(max(1, head.count))
            }
            line = "  " + word
        }
        return lines + [line]
    }
}

extension String {
    /// The text without blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
