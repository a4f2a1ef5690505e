internal import Glibc

/// What was found: lines as they come, and the targets at the end.
struct Report {
    /// A target and what became of it.
    private struct Target {
        var line: String
        var isMet: Bool
    }

    private var targets: [Target] = []

    /// Whether nothing has been held to a target yet.
    var isEmpty: Bool { targets.isEmpty }
    /// Whether any target was missed.
    var hasMissed: Bool { targets.contains { !$0.isMet } }

    /// Says a line at once.
    func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// Holds a value to its target: at most `limit`.
    ///
    /// - Parameters:
    ///   - what: What was measured.
    ///   - value: The value.
    ///   - limit: The largest that is good enough.
    ///   - unit: The unit, with the blank before it.
    mutating func judge(_ what: String, _ value: Double, atMost limit: Double, unit: String = "") {
        let isMet = value <= limit
        let text = "\(what): \(fixed(value, 2))\(unit), target at most \(fixed(limit, 2))\(unit)"
        targets.append(Target(line: (isMet ? "PASS  " : "FAIL  ") + text, isMet: isMet))
    }

    /// Says all targets again, together.
    func finish() {
        say("")
        for target in targets { say(target.line) }
    }
}

/// A number with a fixed count of decimals.
///
/// - Parameters:
///   - value: The number.
///   - digits: Decimals, from 0 to 6.
/// - Returns: Its text.
func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard let steps = Int(exactly: (abs(value) * scale).rounded()) else { return "\(value)" }
    let sign = value < 0 && steps > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(steps)" }
    let fraction = String(steps % Int(scale))
    return "\(sign)\(steps / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A text made as wide as a column of a table, the text at its right.
///
/// - Parameters:
///   - text: The text.
///   - width: The least width in characters.
/// - Returns: The text with blanks before it.
func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}
