/// A small seeded generator (Steele, Lea and Flood, OOPSLA'14, figure 15): the same seed gives the same numbers on every
/// machine, for the scripted host and for every test that draws at random.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator.
    ///
    /// - Parameter seed: Any number.
    public init(seed: UInt64) {
        self.state = seed
    }

    /// The next 64 bits.
    ///
    /// - Returns: The bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number drawn evenly.
    ///
    /// - Returns: A number from 0 up to, and not including, 1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Whether something of a given likelihood comes to pass.
    ///
    /// - Parameter share: The likelihood, 0 to 1.
    /// - Returns: Whether it does.
    public mutating func chance(_ share: Double) -> Bool { uniform() < share }

    /// A nearly normal number: the sum of four even draws, moved and scaled to mean 0 and variance 1.
    ///
    /// - Returns: A number from −3.5 to 3.5.
    public mutating func normal() -> Double { (uniform() + uniform() + uniform() + uniform() - 2) * 3.squareRoot() }
}
