/// How rare a statistic is in the history of its own stream: a tail probability from a forgetting histogram.
///
/// The bins are even in the logarithm of the magnitude, ``binsPerOctave`` to a doubling, one row for positive and one
/// for negative deviations, so that a stream with wild peaks upwards still sees its first dip. With decayed counts `h`,
/// their sum `n` over both rows, and the part `a` of them beyond the magnitude on its own side, the bin it falls into
/// counting by the part that lies above:
///
///     rank = log10((n + 1) / (a + 1/2))
///
/// the plotting position of the largest of `n` values where nothing lies beyond. A rank forgives nothing: of even noise
/// too, one value in a thousand is one in a thousand. So it is bounded by what the deviation would be worth in a normal
/// stream of the same scale (``PureMath/normalDecades(_:)``), a scale learned from the clipped squares:
///
///     decades = min(rank, g log10(1 / P(|Z| >= magnitude / scale)))
///
/// Counts are stored in units of the weight of the newest, which grows as old ones are forgotten: a tick touches one
/// bin.
struct RankTail: Sendable {
    /// Bins of one row.
    static let binCount = 24
    /// Bins in a doubling of the magnitude.
    static let binsPerOctave = 1.5
    /// The doublings below 1 where the first bin begins.
    static let octavesBelowOne = 6.0

    /// Row of positive, then row of negative deviations.
    private var counts = InlineArray<48, Float>(repeating: 0)
    private var total: Float = 0
    private var square: Float = 0

    /// Judges a magnitude, then learns it.
    ///
    /// - Parameters:
    ///   - magnitude: At least 0 and finite.
    ///   - isNegative: Whether the deviation is downwards.
    ///   - weight: The weight of the newest count.
    ///   - gain: The gain of the scale, 0 to 1.
    ///   - isYoung: Whether too little was learned for clipping.
    ///   - normalShare: The share `g` of the normal decades.
    /// - Returns: Decades of surprise, at least 0.
    mutating func judge(
        _ magnitude: Double,
        isNegative: Bool,
        weight: Float,
        gain: Double,
        isYoung: Bool,
        normalShare: Double
    ) -> Double {
        let place = (PureMath.roughLog2(max(magnitude, 1e-9)) + Self.octavesBelowOne) * Self.binsPerOctave
        let position = min(max(place, 0), Double(Self.binCount) - 1.001)
        let bin = Int(position)
        let row = isNegative ? Self.binCount : 0
        var beyond = counts[row + bin] * Float(1 - (position - Double(bin)))
        var index = row + bin + 1
        while index < row + Self.binCount {
            beyond += counts[index]
            index += 1
        }
        let rank = PureMath.roughLog2(Double((total + weight) / (beyond + 0.5 * weight))) * PureMath.log10of2
        counts[row + bin] += weight
        total += weight

        let scale = Double(square).squareRoot() + 1e-9
        let normal = PureMath.normalDecades(min(magnitude / scale, 30)) * normalShare
        let learned = min(magnitude, isYoung ? 10 : 3 * scale)
        square += Float(gain * (learned * learned - Double(square)))
        return min(rank, normal)
    }

    /// Brings the counts to a new unit.
    ///
    /// - Parameter factor: What each is multiplied by.
    mutating func rescale(_ factor: Float) {
        for index in counts.indices { counts[index] *= factor }
        total *= factor
    }
}
