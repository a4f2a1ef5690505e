/// Text from outside (VM names, tenants, error messages) made fit to be shown in one line of a log or a terminal.
///
/// Whoever may name a VM could otherwise forge log lines, drive the operator's terminal with escape sequences, or turn
/// text around with bidirectional controls (CVE-2021-42574).
public enum PlainText {
    /// The text in one line: every control, format, separator and private character is written out as `\u{…}`.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limit: Characters kept (Unicode scalars, as they come out); what is longer ends in `…`.
    /// - Returns: The line.
    public static func line(_ text: String, limit: Int = 2_000) -> String {
        var line = ""
        var length = 0
        for scalar in text.unicodeScalars {
            let shown = isPlain(scalar) ? String(scalar) : "\\u{" + String(scalar.value, radix: 16) + "}"
            length += shown.unicodeScalars.count
            if length > limit { return line + "…" }
            line += shown
        }
        return line
    }

    /// A name as part of a sentence: as it is where it consists of letters, digits and `._:@+-`, else in quotes.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - limit: Characters kept.
    /// - Returns: The name, with no way to end its own quotes.
    public static func name(_ name: String, limit: Int = 120) -> String {
        let isSimple =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                    UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        if isSimple && name.utf8.count <= limit { return name }
        var quoted = ""
        for scalar in line(name, limit: limit).unicodeScalars {
            if scalar == "\"" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return "\"" + quoted + "\""
    }

    /// Whether a scalar shows as itself and moves nothing else.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        case .spaceSeparator: scalar == " "
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        @unknown default: false
        }
    }
}
