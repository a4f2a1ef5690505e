/// One row of a series.
public struct SeriesRow: Sendable, Equatable {
    /// Where the timestamp stands in the file, as it was written.
    public let timestamp: Range<Int>
    /// The timestamp in seconds, since 1970-01-01 for a date.
    public let time: Double
    /// The value; not a number where it is missing.
    public let value: Double

    /// A row.
    ///
    /// - Parameters:
    ///   - timestamp: Where the timestamp stands in the file.
    ///   - time: The timestamp in seconds.
    ///   - value: The value; not a number where it is missing.
    public init(timestamp: Range<Int>, time: Double, value: Double) {
        self.timestamp = timestamp
        self.time = time
        self.value = value
    }
}

/// A line of a series that makes no sense.
public struct SeriesError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What was read and what is accepted.
    public let problem: String

    /// The line and the problem.
    public var description: String { "\(line): \(problem)" }

    /// An error.
    ///
    /// - Parameters:
    ///   - line: The line, from 1.
    ///   - problem: What was read and what is accepted.
    init(line: Int, problem: String) {
        self.line = line
        self.problem = problem
    }
}
