import Foundation

/// How much of a long simulation runs, for whom a whole one takes too long: a sanitizer.
///
/// Only what is pure and has one thread is ever made smaller.
public enum TestSize {
    /// A part of a number, as `QUELL_TEST_PART` says: above 0 and at most 1, which is the default.
    ///
    /// - Parameters:
    ///   - count: The whole.
    ///   - least: What there is at least.
    /// - Returns: The part.
    public static func part(of count: Int, atLeast least: Int = 1) -> Int {
        let text = ProcessInfo.processInfo.environment["QUELL_TEST_PART"] ?? "1"
        guard let part = Double(text), part > 0, part <= 1 else { return count }
        return min(count, max(least, Int((Double(count) * part).rounded())))
    }
}
