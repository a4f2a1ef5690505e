/// What became of one input.
public enum FuzzOutcome: Sendable, Equatable {
    /// The parser took it.
    case taken
    /// The parser said that it makes no sense.
    case refused
    /// The parser broke a promise: what it promised.
    case broken(String)
}

/// What became of many inputs.
public struct FuzzTally: Sendable, Equatable {
    /// Inputs that were tried.
    public var inputs: UInt64 = 0
    /// Inputs that the parser took.
    public var taken: UInt64 = 0
    /// Inputs that the parser refused.
    public var refused: UInt64 = 0
    /// Inputs on which the parser broke a promise.
    public var broken: UInt64 = 0

    /// No inputs.
    public init() {}

    /// Counts one input.
    ///
    /// - Parameter outcome: What became of it.
    public mutating func count(_ outcome: FuzzOutcome) {
        inputs &+= 1
        switch outcome {
        case .taken: taken &+= 1
        case .refused: refused &+= 1
        case .broken: broken &+= 1
        }
    }

    /// Adds up two tallies.
    ///
    /// - Parameters:
    ///   - left: A tally.
    ///   - right: Another tally.
    /// - Returns: Their sum.
    public static func + (left: FuzzTally, right: FuzzTally) -> FuzzTally {
        var sum = left
        sum.inputs &+= right.inputs
        sum.taken &+= right.taken
        sum.refused &+= right.refused
        sum.broken &+= right.broken
        return sum
    }
}
