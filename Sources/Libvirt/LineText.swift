/// Text of libvirt's, or of whoever named a domain, as one line.
///
/// libvirt passes on what a program that it ran has written, over several lines, and puts names that tenants chose into
/// its messages.
enum LineText {
    /// Characters that are kept.
    static let limit = 1_000

    /// A text in one line: the ends of lines become `; `, other characters that would move something become U+FFFD.
    ///
    /// - Parameter text: The text.
    /// - Returns: The line; what is longer than ``limit`` ends in `…`.
    static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var count = 0
        var isBroken = false
        for scalar in text.unicodeScalars {
            var shown = scalar
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator:
                if isBreak(scalar) {
                    isBroken = true
                    continue
                }
                shown = scalar == "\t" ? " " : "\u{FFFD}"
            case .format: shown = "\u{FFFD}"
            default: break
            }
            if isBroken {
                isBroken = false
                // Nothing is told of empty lines, nor of one that ends the text.
                if count > 0 {
                    line.append(contentsOf: "; ".unicodeScalars)
                    count += 2
                }
            }
            if count >= limit { return String(line) + "…" }
            line.append(shown)
            count += 1
        }
        return String(line)
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }
}
