/// Why a part of a trace cannot be read.
///
/// Whoever goes on reading is taken to the next key record, where there is one.
public struct TraceProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the bytes it is, from 0.
    public let offset: Int
    /// What is wrong there.
    public let reason: String

    /// A problem.
    ///
    /// - Parameters:
    ///   - offset: Where in the bytes it is, from 0.
    ///   - reason: What is wrong there.
    public init(offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// Where and what.
    public var description: String { "at byte \(offset): \(reason)" }
}
