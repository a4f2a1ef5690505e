/// SDS/B: a statistic that leaves its normal range and stays outside, as cache misses do under a memory attack.
///
/// After Li, Sen, Shen and Chuah, "Impact of Memory DoS Attacks on Cloud Applications and Real-Time Detection Schemes",
/// ICPP'20. With readings `A`, one each tick:
///
///     M_n = mean of W readings, one every ΔW readings      S_n = α M_n + (1 - α) S_{n-1}
///     alarm after H_C consecutive S_n outside [μ - k σ, μ + k σ]
///
/// By Chebyshev's inequality a value is outside by chance with a likelihood of at most `1 / k²`, whatever the
/// distribution. Where the paper profiles an application beforehand, the profile `μ, σ` of `S` is learned here as it
/// goes (``RobustLevel``), from the warm-up on. It is frozen while `S` is outside, so that an attack is not learned.
/// After ``Tuning/adoption`` seconds outside without a break the profile is thrown away and learned anew: a VM that
/// does other work for good does not alarm for good.
public struct BoundaryBreak: Sendable {
    /// Windows, width and patience.
    public struct Tuning: Equatable, Sendable {
        /// `ΔW`: ticks from one average to the next, 1 or more.
        public var step: Int
        /// `W / ΔW`, 1 to 8.
        public var steps: Int
        /// `α`: the weight of the newest average, above 0 and at most 1.
        public var weight: Double
        /// `k`: the half width of the normal range, in standard deviations.
        public var width: Double
        /// `H_C`: averages outside in a row that make an alarm.
        public var patience: Int
        /// Seconds outside after which the profile is learned anew.
        public var adoption: Double
        /// How the profile learns; its warm-up counts averages.
        public var profile: RobustLevel.Tuning

        /// A tuning; values out of range are moved into it.
        ///
        /// - Parameters:
        ///   - step: `ΔW`, in ticks.
        ///   - steps: `W / ΔW`.
        ///   - weight: `α`.
        ///   - width: `k`.
        ///   - patience: `H_C`.
        ///   - adoption: Seconds outside after which the profile is learned anew.
        ///   - profile: How the profile learns.
        public init(
            step: Int = 5,
            steps: Int = 4,
            weight: Double = 0.2,
            width: Double = 4,
            patience: Int = 6,
            adoption: Double = 3_600,
            profile: RobustLevel.Tuning = .init(warmUp: 60, horizon: 3_600)
        ) {
            self.step = max(1, step)
            self.steps = min(max(1, steps), MovingMean.mostSteps)
            self.weight = weight > 0 ? min(weight, 1) : 0.2
            self.width = max(0, width)
            self.patience = max(1, patience)
            self.adoption = adoption
            self.profile = profile
        }
    }

    /// Larger magnitudes are no reading.
    static let largest = 1e100

    private var means = MovingMean()
    private var profile = RobustLevel()
    /// Seconds since the profile learned, and since `S` has been outside.
    private var elapsed = 0.0
    private var outside = 0.0
    /// `S` in a row that were outside, saturating.
    private var run = 0

    /// `S`, the smoothed average; `nil` before the first window is full.
    public private(set) var smoothed: Double?
    /// How far `S` is from `μ`, in `σ`, with its sign; 0 before the profile is warm.
    public private(set) var sigmas = 0.0
    /// Whether `S` has been outside its normal range for long enough.
    public private(set) var isBroken = false

    /// A detector that knows nothing yet.
    public init() {}

    /// The level of the profile, `μ`; `nil` before it is warm.
    ///
    /// - Parameter tuning: How it is tuned.
    /// - Returns: The level, in the base unit.
    public func level(_ tuning: Tuning = .init()) -> Double? { profile.isWarm(tuning.profile) ? profile.level : nil }

    /// Takes one tick in.
    ///
    /// - Parameters:
    ///   - value: The reading; NaN for none, and one that is not a finite number counts as none.
    ///   - interval: Seconds since the tick before.
    ///   - floor: The floor of the stream's unit.
    ///   - tuning: How to judge.
    public mutating func learn(_ value: Double, interval: Double, floor: ScaleFloor, tuning: Tuning = .init()) {
        if interval > 0, interval.isFinite { elapsed += interval }
        let reading = abs(value) <= Self.largest ? value : .nan
        switch means.add(reading, step: tuning.step, steps: tuning.steps) {
        case .none: break
        case .gap:
            // What was counted before a gap does not go on after it; the profile does.
            smoothed = nil
            run = 0
            outside = 0
            isBroken = false
            sigmas = 0
        case .mean(let mean): judge(mean, floor: floor, tuning: tuning)
        }
    }

    /// Smooths one average and holds it against the profile.
    private mutating func judge(_ mean: Double, floor: ScaleFloor, tuning: Tuning) {
        let value = smoothed.map { tuning.weight * mean + (1 - tuning.weight) * $0 } ?? mean
        smoothed = value
        let interval = elapsed
        elapsed = 0
        guard profile.isWarm(tuning.profile) else {
            profile.learn(value, interval: interval, floor: floor, tuning: tuning.profile)
            return
        }
        sigmas = (value - profile.level) / profile.scale(floor)
        if abs(sigmas) <= tuning.width {
            profile.learn(value, interval: interval, floor: floor, tuning: tuning.profile)
            run = 0
            outside = 0
            isBroken = false
            return
        }
        run = min(run + 1, tuning.patience)
        outside += interval
        isBroken = run >= tuning.patience
        if outside >= tuning.adoption {
            profile = RobustLevel()
            run = 0
            outside = 0
            isBroken = false
            sigmas = 0
        }
    }
}
