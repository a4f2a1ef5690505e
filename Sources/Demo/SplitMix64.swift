/// A small seeded generator, so that every run of the scripted host is the same (Steele, Lea and Flood, OOPSLA'14).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that always gives the same numbers for the same seed.
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

    /// A number from −1 to 1, near 0 more often than not (the mean of four even draws).
    mutating func wobble() -> Double {
        var sum = 0.0
        for _ in 0..<4 { sum += Double(next() >> 11) / Double(1 << 53) }
        return sum / 2 - 1
    }
}
