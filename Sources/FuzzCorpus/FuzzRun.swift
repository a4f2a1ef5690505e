/// Feeds a parser one made input after the other.
public struct FuzzRun {
    /// What became of the inputs so far.
    public private(set) var tally = FuzzTally()
    private let parser: FuzzParser
    private var mutator: Mutator

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - parser: The parser.
    ///   - seed: Any number; another gives other inputs.
    public init(_ parser: FuzzParser, seed: UInt64) {
        self.parser = parser
        mutator = Mutator(parser, seed: seed)
    }

    /// The input that was made last.
    public var input: [UInt8] { mutator.bytes }

    /// Makes an input without feeding it.
    ///
    /// - Parameter number: Which one.
    public mutating func make(_ number: UInt64) {
        mutator.make(number)
    }

    /// Makes an input and feeds it.
    ///
    /// - Parameter number: Which one.
    /// - Returns: What became of it.
    public mutating func feed(_ number: UInt64) -> FuzzOutcome {
        mutator.make(number)
        let outcome = parser.feed(mutator.bytes)
        tally.count(outcome)
        return outcome
    }
}
