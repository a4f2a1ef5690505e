/// The tail of a stream by extreme value theory: thresholds for a wanted risk, without assuming a distribution.
///
/// Siffer, Fouque, Termier and Largouët, "Anomaly detection in streams with extreme value theory", KDD'17. Values above
/// an initial threshold `t`, the quantile at ``Tuning/level``, exceed it by amounts `y` that follow a generalised
/// Pareto distribution with shape `γ` and scale `σ` (Pickands, Balkema and de Haan). With `N` of `n` values above `t`:
///
///     P(X > x) = N/n (1 + γ (x - t)/σ)^(-1/γ)             the tail probability of a value
///     z = t + σ/γ ((q n / N)^(-γ) - 1)                     equation 1: exceeded with risk q
///
/// A value above `z` is an alarm; one above `t` joins the peaks, and the tail is fitted again (algorithm 2). Unlike
/// there, an alarm joins them too, as if it were `z`: with a bounded number of peaks, leaving alarms out would cut the
/// tail shorter each time the peaks are renewed. For a stream that drifts (DSPOT, algorithm 3) feed the deviation from
/// a local level; for both sides keep a second one for the negated values. The last ``capacity`` peaks are kept.
///
/// Calibration keeps the greatest values of the first ``Tuning/warmUp`` readings alone: they hold the quantile and its
/// peaks exactly.
public struct Spot: Sendable {
    /// How rare an alarm shall be, and what the tail is.
    public struct Tuning: Sendable, Equatable {
        /// The risk: the probability of a value that alarms.
        public var risk: Double
        /// The quantile where the tail begins, 0 to 1.
        public var level: Double
        /// Readings of the calibration; at most ``Spot/capacity`` of them may lie above the quantile.
        public var warmUp: UInt32

        /// A tuning, with numbers out of range moved into it.
        ///
        /// - Parameters:
        ///   - risk: The probability of a value that alarms, below `1 - level`.
        ///   - level: The quantile where the tail begins.
        ///   - warmUp: Readings of the calibration.
        public init(risk: Double = 1e-4, level: Double = 0.98, warmUp: UInt32 = 500) {
            self.level = min(max(level, 0.5), 0.999)
            self.risk = min(max(risk, 1e-12), (1 - self.level) / 2)
            let most = Double(Spot.capacity - 1) / (1 - self.level)
            self.warmUp = UInt32(min(max(Double(warmUp), 10 / (1 - self.level)), max(most, 10)))
        }
    }

    /// What a value is to the tail.
    public enum Outcome: Sendable, Equatable {
        /// Too little was seen to judge, or the value is not a number.
        case unknown
        /// Below the tail.
        case usual
        /// In the tail.
        case peak
        /// Beyond the threshold of the risk; learned as the threshold itself.
        case alarm
    }

    /// Peaks kept.
    public static let capacity = 64

    /// The threshold of the risk; infinite before calibration is over.
    public private(set) var threshold = Double.infinity
    /// Where the tail begins; minus infinity before calibration is over.
    public private(set) var tailStart = -Double.infinity
    /// The fitted tail.
    public private(set) var fit = ParetoFit(shape: 0, scale: 0)
    /// Readings learned.
    public private(set) var count: UInt64 = 0
    /// Peaks seen so far, those forgotten too.
    public private(set) var peakCount: UInt64 = 0
    /// During calibration the greatest values, greatest first; then the excesses of the last peaks, as a ring.
    private var peaks = InlineArray<64, Double>(repeating: 0)

    /// A tail of nothing.
    public init() {}

    /// Judges a value, then learns it.
    ///
    /// - Parameters:
    ///   - value: The value; one that is not finite changes nothing.
    ///   - tuning: How rare an alarm shall be; the same for each call.
    /// - Returns: What the value is.
    public mutating func observe(_ value: Double, _ tuning: Tuning) -> Outcome {
        if value <= tailStart {
            count += 1
            return .usual
        }
        guard abs(value) <= RobustLevel.largest else { return .unknown }
        if count < UInt64(tuning.warmUp) {
            calibrate(value, tuning)
            return .unknown
        }
        let isAlarm = value > threshold
        peaks[Int(peakCount % UInt64(Self.capacity))] = min(value, threshold) - tailStart
        peakCount += 1
        count += 1
        refit(tuning)
        return isAlarm ? .alarm : .peak
    }

    /// The probability of a value at least this great.
    ///
    /// - Parameter value: The value.
    /// - Returns: 0 to 1; the share of the tail for any value below the tail, 1 before calibration is over.
    public func tailProbability(_ value: Double) -> Double {
        guard tailStart > -.infinity, count > 0 else { return 1 }
        return tailShare * (value > tailStart ? fit.tail(value - tailStart) : 1)
    }

    /// The share of the values that lies in the tail.
    private var tailShare: Double { min(1, Double(peakCount) / Double(count)) }

    /// Keeps the greatest values, and begins the tail at the last one of the calibration.
    private mutating func calibrate(_ value: Double, _ tuning: Tuning) {
        let kept = Int(min(count, UInt64(Self.capacity)))
        if kept < Self.capacity || value > peaks[Self.capacity - 1] {
            var index = min(kept, Self.capacity - 1)
            while index > 0 && peaks[index - 1] < value {
                peaks[index] = peaks[index - 1]
                index -= 1
            }
            peaks[index] = value
        }
        count += 1
        guard count == UInt64(tuning.warmUp) else { return }
        let wanted = Int(((1 - tuning.level) * Double(tuning.warmUp)).rounded())
        let above = min(max(wanted, 1), Self.capacity - 1)
        tailStart = peaks[above]
        var found = 0
        for index in 0..<above where peaks[index] > tailStart {
            peaks[index] -= tailStart
            found += 1
        }
        peakCount = UInt64(found)
        refit(tuning)
    }

    /// Fits the tail to the peaks kept, and moves the threshold.
    private mutating func refit(_ tuning: Tuning) {
        let kept = Int(min(peakCount, UInt64(Self.capacity)))
        fit = ParetoFit(peaks.span.extracting(first: kept))
        // A stream that was constant has no peaks: the first value above it joins the tail, however great.
        guard peakCount > 0 else {
            threshold = .infinity
            return
        }
        threshold = tailStart + fit.excess(tail: min(1, tuning.risk / tailShare))
    }
}
