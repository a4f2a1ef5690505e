/// The usual level and scale of one stream, learned without being led astray by outliers.
///
/// A winsorised exponentially weighted mean and variance: each innovation is clipped at ``Tuning/clip`` scales before it
/// is learned, as in the pre-cleaning step of robust exponential smoothing (Gelper, Fried and Croux, "Robust forecasting
/// with exponential and Holt-Winters smoothing", Journal of Forecasting 29, 2010), with Huber's clipped squares for the
/// scale. With reading `x`, level `m`, variance `v`, floored scale `s`, clip `k`:
///
///     r = min(max(x - m, -k s), k s)
///     m = m + a r
///     v = v + a (c r² - v)            c = 1 / E[min(Z², k²)] for a normal Z, so that v is unbiased
///     s = max(√v, relative floor × |m|, absolute floor of the unit)
///     a = max(dt / (horizon + dt), 1/n)   the n-th reading, so that warm-up learns fast
///
/// The first ``startCount`` readings are kept, and start it: `m` is their median, `√v` 1.4826 times their median absolute
/// deviation. The floor keeps a constant stream from calling its first wobble infinitely unusual, and from never learning
/// again: one step may at most multiply the variance by `1 + a (c k² - 1)`.
public struct RobustLevel: Sendable {
    /// How fast and how carefully a stream is learned.
    public struct Tuning: Equatable, Sendable {
        /// Readings learned before the level may judge; at least ``RobustLevel/startCount``.
        public var warmUp: Int
        /// The time constant of forgetting, in seconds.
        public var horizon: Double
        /// Scales beyond which an innovation is clipped; the unbiasing constant is that of 3.
        public let clip: Double = 3

        /// A tuning.
        ///
        /// - Parameters:
        ///   - warmUp: Readings learned before the level may judge.
        ///   - horizon: The time constant of forgetting, in seconds.
        public init(warmUp: Int = 30, horizon: Double = 300) {
            self.warmUp = max(RobustLevel.startCount, warmUp)
            self.horizon = max(1, horizon)
        }
    }

    /// Readings that are collected to start from.
    public static let startCount = RobustStart.count
    /// Makes the clipped squares of a normal stream unbiased: 1 / E[min(Z², 9)].
    static let unbias = 1.0050
    /// Larger magnitudes are no reading of any signal and are not learned; their squares stay finite.
    static let largest = 1e30

    /// The usual level, in the signal's base unit; meaningless before ``startCount`` readings.
    public private(set) var level = 0.0
    /// Readings learned, saturating.
    public private(set) var count: UInt32 = 0
    private var variance = 0.0
    private var start = RobustStart()

    /// A level that knows nothing yet.
    public init() {}

    /// Whether enough was learned to judge by.
    ///
    /// - Parameter tuning: How it learns.
    /// - Returns: Whether warm-up is over.
    public func isWarm(_ tuning: Tuning) -> Bool { Int(count) >= tuning.warmUp }

    /// The usual deviation from the level, floored.
    ///
    /// - Parameter floor: The floor of the stream's unit.
    /// - Returns: One robust standard deviation, above 0.
    public func scale(_ floor: ScaleFloor) -> Double {
        max(variance.squareRoot(), floor.relative * abs(level), floor.absolute)
    }

    /// Learns one trusted reading.
    ///
    /// - Parameters:
    ///   - value: The reading; one that is not a finite number is passed over.
    ///   - interval: Seconds since the reading before.
    ///   - floor: The floor of the stream's unit.
    ///   - tuning: How to learn.
    ///   - pace: The share of the usual gain, above 0 and at most 1; below 1 to learn slowly on purpose.
    public mutating func learn(
        _ value: Double,
        interval: Double,
        floor: ScaleFloor,
        tuning: Tuning,
        pace: Double = 1
    ) {
        guard abs(value) <= Self.largest else { return }
        if count < UInt32.max { count += 1 }
        if count <= Self.startCount {
            start.keep(value, at: Int(count) - 1)
            if count == Self.startCount { settle() }
            return
        }
        let step = max(0, min(interval, tuning.horizon))
        var gain = step / (tuning.horizon + step)
        if !isWarm(tuning) { gain = max(gain, 1 / Double(count)) }
        gain *= pace
        let bound = tuning.clip * scale(floor)
        let innovation = min(max(value - level, -bound), bound)
        level += gain * innovation
        variance += gain * (Self.unbias * innovation * innovation - variance)
    }

    /// Starts level and variance from the readings collected.
    private mutating func settle() {
        let (middle, scale) = start.levelAndScale
        level = middle
        variance = scale * scale
    }
}
