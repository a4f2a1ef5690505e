public import Signals

/// A two-horizon slope with the time left until something is exhausted: memory, descriptors, threads, disk space.
///
/// Two lines with exponentially fading weights (``WeightedLine``), over a short and a long horizon, are fitted to means
/// over ``Tuning/bucket`` seconds. There is a trend while, for a whole short horizon without a break,
///
/// - both slopes point the same way, and the short one is between ``Tuning/slowest`` and ``Tuning/fastest`` times the
///   long one: what saturates, and a step that has passed, fail here;
/// - the long line explains at least ``Tuning/explained`` of the variance: a lone step explains at most 0.648 under
///   exponential weights, a wave or a sawtooth that is short against the horizon less;
/// - the short slope is ``Tuning/significance`` standard errors or more, and the long one moves the level by
///   ``Tuning/growth`` of itself per long horizon: noise fails here;
/// - the long slope is at least ``Tuning/steadiness`` times the mean slope since the opposite extreme: the tail of what
///   saturates fails here, however slowly it does;
/// - the stream is, or will be in a short horizon, where it never was: beyond the greatest, or below the least, short
///   mean of one to two weeks. A daily wave and a long sawtooth fail here from their second turn on.
///
/// A daily wave in its first rise is all that a leak is. So ``isLeak`` needs ``Tuning/history`` as well, from the last
/// extreme on the other side: longer than such a rise lasts. Before that, ``isExhausting(_:within:)`` asks how near the
/// end is. A sudden fall to near zero restarts all, which also heals a wild reading. A trend ends where nothing was
/// read for a short horizon. The state is of constant size.
public struct LeakSlope: Sendable {
    /// Which way a stream goes on.
    public enum Trend: Sendable, Equatable {
        /// Nowhere for certain.
        case none
        /// Up, towards a ceiling.
        case rising
        /// Down, towards a floor.
        case falling
    }

    /// How long and how certain.
    public struct Tuning: Equatable, Sendable {
        /// Seconds over which readings are averaged before they are fitted.
        public var bucket = 60.0
        /// The time constant of the short line, in seconds; a trend holds for as long before it counts.
        public var short = 600.0
        /// The time constant of the long line, in seconds; nothing is told before it has passed.
        public var long = 3_600.0
        /// Seconds since the opposite extreme before a trend is a leak: half a day, the longest rise of a daily wave.
        public var history = 43_200.0
        /// The share of the variance that the long line must explain.
        public var explained = 0.75
        /// Standard errors that the short slope must reach.
        public var significance = 3.0
        /// The part of the level by which the long line must move it in one long horizon.
        public var growth = 0.001
        /// The least long slope, in mean slopes since the opposite extreme.
        public var steadiness = 0.35
        /// The least short slope, in long slopes.
        public var slowest = 0.5
        /// The greatest short slope, in long slopes.
        public var fastest = 4.0

        /// The documented tuning.
        public init() {}
    }

    /// The least and greatest values of a span.
    private struct Extremes: Sendable {
        /// The least value.
        var low = Double.infinity
        /// The greatest value.
        var high = -Double.infinity

        /// Takes a value in.
        mutating func add(_ value: Double) {
            low = min(low, value)
            high = max(high, value)
        }

        /// The extremes of this span and another one.
        func joined(with other: Extremes) -> Extremes {
            Extremes(low: min(low, other.low), high: max(high, other.high))
        }
    }

    /// Seconds for which an extreme is remembered at least; twice as long at most.
    static let memory = 7 * 86_400.0
    /// What is near an extreme, as a part of the span between both.
    static let nearExtreme = 0.25
    /// A sudden fall below this part of the usual level is a restart.
    static let nearZero = 0.1
    /// Larger magnitudes are no reading; their squares stay finite.
    static let largest = 1e100

    /// The sum of the bucket at hand, and how many readings it holds.
    private var sum = 0.0
    private var count = 0.0
    /// When the bucket at hand began, and when the one before was fitted.
    private var bucketStart: MonotonicTime?
    private var fitted: MonotonicTime?
    /// When the stream began or restarted.
    private var began = MonotonicTime(nanoseconds: 0)
    private var shortLine = WeightedLine()
    private var longLine = WeightedLine()
    /// The mean of the bucket before.
    private var previous = 0.0
    /// The least and greatest short means of this generation and of the one before.
    private var extremes = Extremes()
    private var olderExtremes = Extremes()
    /// When the stream was last near the least and the greatest of them.
    private var lowTime = MonotonicTime(nanoseconds: 0)
    private var highTime = MonotonicTime(nanoseconds: 0)
    private var generationBegan = MonotonicTime(nanoseconds: 0)
    /// The direction in which the conditions hold, and since when.
    private var candidate = Trend.none
    private var since = MonotonicTime(nanoseconds: 0)

    /// Which way the stream goes on, all conditions holding for a short horizon.
    public private(set) var trend = Trend.none
    /// Whether the trend is a leak: it has lasted, or has come back, beyond what half a day explains.
    public private(set) var isLeak = false

    /// A slope that knows nothing yet.
    public init() {}

    /// The long slope, in base units per second; 0 while nothing is known.
    public var slope: Double { longLine.slope }

    /// The level that the short line gives, in base units.
    public var level: Double { shortLine.level }

    /// Seconds until the stream reaches a bound at the long slope.
    ///
    /// - Parameter bound: A ceiling of a rising stream, a floor of a falling one.
    /// - Returns: The seconds; `nil` without a trend, and where it leads away from the bound: from a floor that a
    ///   rising stream leaves, as from a ceiling that it has passed.
    public func secondsTo(_ bound: Double) -> Double? {
        let left = bound - level
        switch trend {
        case .none: return nil
        case .rising where left <= 0, .falling where left >= 0: return nil
        case .rising, .falling:
            let seconds = left / slope
            return seconds.isFinite && seconds >= 0 ? seconds : nil
        }
    }

    /// Whether a bound will be reached soon, at a trend of any age.
    ///
    /// - Parameters:
    ///   - bound: A ceiling of a rising stream, a floor of a falling one.
    ///   - seconds: What is soon.
    /// - Returns: Whether there is a trend and it reaches the bound within that time.
    public func isExhausting(_ bound: Double, within seconds: Double) -> Bool {
        guard let left = secondsTo(bound) else { return false }
        return left <= seconds
    }

    /// Learns one reading and judges the stream when a bucket is full.
    ///
    /// - Parameters:
    ///   - value: The reading; one that is not a finite number, and none at all as NaN, is passed over.
    ///   - time: When it was read; one that is not later than what was fitted is passed over.
    ///   - tuning: How to judge.
    public mutating func learn(_ value: Double, at time: MonotonicTime, tuning: Tuning = .init()) {
        if let fitted, time.seconds(since: fitted) > tuning.short + tuning.bucket {
            trend = .none
            candidate = .none
            isLeak = false
        }
        guard abs(value) <= Self.largest else { return }
        let start = bucketStart ?? time
        let age = time.seconds(since: start)
        guard age >= 0 else { return }
        if age >= tuning.bucket, count > 0 {
            fit(sum / count, at: time, tuning: tuning)
            sum = 0
            count = 0
            bucketStart = time
        } else if bucketStart == nil {
            bucketStart = time
        }
        sum += value
        count += 1
    }

    /// Fits the mean of a bucket that ended at the given time.
    private mutating func fit(_ mean: Double, at time: MonotonicTime, tuning: Tuning) {
        let usual = abs(longLine.mean)
        if fitted != nil, abs(mean) < Self.nearZero * usual, abs(previous) > 0.5 * usual { self = LeakSlope() }
        let interval = fitted.map { time.seconds(since: $0) } ?? 0
        if fitted == nil {
            began = time
            generationBegan = time
        }
        fitted = time
        previous = mean
        shortLine.add(mean, interval: interval, horizon: tuning.short)
        longLine.add(mean, interval: interval, horizon: tuning.long)
        judge(at: time, tuning: tuning)
        remember(at: time)
    }

    /// Holds the conditions against both lines.
    private mutating func judge(at time: MonotonicTime, tuning: Tuning) {
        let age = time.seconds(since: began)
        let known = extremes.joined(with: olderExtremes)
        var direction = Trend.none
        let long = longLine.slope
        let ratio = long == 0 ? 0 : shortLine.slope / long
        if age >= tuning.long, ratio >= tuning.slowest, ratio <= tuning.fastest,
            longLine.explained >= tuning.explained, shortLine.significance >= tuning.significance,
            abs(long) * tuning.long >= tuning.growth * abs(longLine.mean)
        {
            let mean = shortLine.mean
            let ahead = mean + long * tuning.short
            let way = long > 0 ? mean - known.low : known.high - mean
            let steady = abs(long) * time.seconds(since: long > 0 ? lowTime : highTime) >= tuning.steadiness * way
            if steady, long > 0, ahead >= known.high { direction = .rising }
            if steady, long < 0, ahead <= known.low { direction = .falling }
        }
        if direction != candidate {
            candidate = direction
            since = time
        }
        trend = direction != .none && time.seconds(since: since) >= tuning.short ? direction : .none
        let turned = trend == .rising ? lowTime : highTime
        isLeak = trend != .none && time.seconds(since: turned) >= tuning.history
    }

    /// Keeps the extremes of the short mean for one to two spans of memory, and when it was near them.
    private mutating func remember(at time: MonotonicTime) {
        if time.seconds(since: generationBegan) >= Self.memory {
            olderExtremes = extremes
            extremes = Extremes()
            generationBegan = time
        }
        let mean = shortLine.mean
        extremes.add(mean)
        let known = extremes.joined(with: olderExtremes)
        let margin = Self.nearExtreme * (known.high - known.low)
        if mean <= known.low + margin { lowTime = time }
        if mean >= known.high - margin { highTime = time }
    }
}
