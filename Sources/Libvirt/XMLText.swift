/// Text as XML writes it.
enum XMLText {
    /// A text with all that XML would take for its own written as references; `nil` where it holds a character that XML
    /// has no way to write.
    ///
    /// Fit for character data and for attributes in quotes of either kind. Line breaks and tabs are written as
    /// references, because a reader would make others of them.
    static func escaped(_ text: String) -> String? {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": return nil
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
