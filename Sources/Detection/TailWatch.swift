/// Readings and steps beyond what the tail of the stream's own past allows: a spike or a level that came at once.
///
/// DSPOT (``Spot``, Siffer et al., KDD'17, algorithm 3) on two series of one stream, with `m` and `s` the winsorised
/// level and scale of ``RobustLevel``:
///
///     d = (x - m) / s        the deviation from the usual level        e = d - d of the reading before
///
/// An alarm is a value of either beyond the threshold of the risk. As in the paper an alarm is not learned, so that a
/// flood is not its own excuse, but for what lasts longer than ``longest`` readings: that is how the stream is now.
struct TailWatch: Sendable {
    /// Alarms in a row that are not learned.
    static let longest: UInt32 = 600

    /// Which way the stream is watched.
    enum Side: Sendable {
        /// What is above its usual level.
        case up
        /// What is below.
        case down
        /// Both.
        case both
    }

    private var levels = Spot()
    private var steps = Spot()
    /// The deviation before; not a number before the first.
    private var previous = Double.nan
    /// Readings in a row whose deviation was an alarm, saturating.
    private var run: UInt32 = 0
    /// The probability of the last reading: of the rarer of deviation and step; 1 while nothing is known.
    private(set) var probability = 1.0
    /// Whether the last reading is an alarm.
    private(set) var isAlarm = false

    /// Judges a reading, then learns it where it is no alarm.
    ///
    /// - Parameters:
    ///   - deviation: Its deviation from the usual level, in scales; one that is not finite changes nothing.
    ///   - side: Which way to look.
    ///   - tuning: How rare an alarm is.
    mutating func learn(_ deviation: Double, _ side: Side, _ tuning: Spot.Tuning) {
        guard deviation.isFinite else { return }
        let step = previous.isNaN ? .nan : deviation - previous
        previous = deviation
        let level = Self.seen(deviation, side)
        let isFar = level > levels.threshold
        run = isFar ? (run == .max ? run : run + 1) : 0
        probability = levels.tailProbability(level)
        if !isFar || run > Self.longest { _ = levels.observe(level, tuning) }
        isAlarm = isFar
        guard !step.isNaN else { return }
        let change = Self.seen(step, side)
        let isJump = change > steps.threshold
        probability = min(probability, steps.tailProbability(change))
        if !isJump { _ = steps.observe(change, tuning) }
        isAlarm = isFar || isJump
    }

    /// Forgets the reading before: what comes after a gap is no step.
    mutating func interrupt() {
        previous = .nan
        run = 0
        isAlarm = false
        probability = 1
    }

    /// A value as it is seen from a side.
    private static func seen(_ value: Double, _ side: Side) -> Double {
        switch side {
        case .up: value
        case .down: -value
        case .both: abs(value)
        }
    }
}
