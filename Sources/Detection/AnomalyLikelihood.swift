/// How unlikely the recent run of raw anomaly scores is, given how the scores of this stream usually are.
///
/// Ahmad, Lavin, Purdy and Agha, "Unsupervised real-time anomaly detection for streaming data", Neurocomputing 262,
/// 2017, with the mean `μ` and deviation `σ` of the raw scores over a long window, and the mean `μ̃` of the last few:
///
///     L = 1 - Q((μ̃ - μ) / σ)
///
/// Both windows are exponential here, so that the state is four numbers: a stream whose scores are often high is not
/// told for one more. `σ` has a floor, so that a stream that always scored 0 does not alarm at a score of next to
/// nothing.
public struct AnomalyLikelihood: Sendable, Equatable {
    /// How long the windows are.
    public struct Tuning: Sendable, Equatable {
        /// Readings of the short window.
        public var short: Double
        /// Readings of the long window.
        public var long: Double
        /// The smallest deviation of the scores.
        public var leastDeviation: Double
        /// Readings before anything is said.
        public var warmUp: UInt32

        /// A tuning.
        ///
        /// - Parameters:
        ///   - short: Readings of the short window, at least 1.
        ///   - long: Readings of the long window, at least 1.
        ///   - leastDeviation: The smallest deviation of the scores, above 0.
        ///   - warmUp: Readings before anything is said.
        public init(short: Double = 10, long: Double = 3_000, leastDeviation: Double = 0.01, warmUp: UInt32 = 100) {
            self.short = max(1, short)
            self.long = max(1, long)
            self.leastDeviation = leastDeviation
            self.warmUp = warmUp
        }
    }

    private var recent = 0.0
    private var usual = 0.0
    private var variance = 0.0
    private var count: UInt32 = 0

    /// One that saw no score.
    public init() {}

    /// Takes a raw score.
    ///
    /// - Parameters:
    ///   - score: The raw score; one that is not finite changes nothing.
    ///   - tuning: How long the windows are.
    /// - Returns: The likelihood that the stream is in trouble, 0 to 1; 0.5 while as usual, and during warm-up.
    public mutating func observe(_ score: Double, _ tuning: Tuning = Tuning()) -> Double {
        guard abs(score) <= RobustLevel.largest else { return 0.5 }
        if count < .max { count += 1 }
        let young = 1 / Double(count)
        recent += max(1 / tuning.short, young) * (score - recent)
        let deviation = max(variance.squareRoot(), tuning.leastDeviation)
        let likelihood = count <= tuning.warmUp ? 0.5 : 1 - PureMath.normalTail((recent - usual) / deviation)
        let gain = max(1 / tuning.long, young)
        let innovation = score - usual
        usual += gain * innovation
        variance += gain * ((1 - gain) * innovation * innovation - variance)
        return likelihood
    }
}
