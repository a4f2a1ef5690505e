import Foundation

/// Prints a line at once, also where the output is a file or a pipe.
///
/// - Parameter line: The line, without its end.
func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}

/// What the run says, and how its scenarios went.
struct Report {
    private(set) var passed = 0
    private(set) var failed = 0

    /// Notes the verdict of a check and prints it.
    ///
    /// - Parameters:
    ///   - holds: Whether it is as it must be.
    ///   - text: What was checked, with what was seen.
    mutating func check(_ holds: Bool, _ text: String) {
        if holds { passed += 1 } else { failed += 1 }
        say((holds ? "  pass  " : "  FAIL  ") + text)
    }

    /// Notes that a scenario broke off.
    ///
    /// - Parameter error: Why.
    mutating func broke(_ error: BedError) {
        check(false, "broke off: \(error)")
    }

    /// A number with at most two digits after the point.
    ///
    /// - Parameter value: The number.
    /// - Returns: The text.
    static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        return "\((value * 100).rounded() / 100)"
    }
}
