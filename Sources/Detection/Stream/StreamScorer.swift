/// Scores one stream of readings, one at a time, with one configuration for all streams.
///
/// Ten families (``StreamFamily``) look at the deviation from a winsorised exponentially weighted level (see
/// ``RobustLevel``), at its first difference, at means of both, at cumulative sums (``Cusum``), at the time of day
/// (``DailyProfile``) and at the shape of the last readings (``PatternMemory``). Each turns its statistic into decades
/// of surprise by the tail of its own history (``RankTail``). The mean of the ten, averaged over two readings, is
/// ranked in its own history again, so that a stream that is often odd is told no more often than others:
///
///     e = e + (mean of decades - e)/2        s = log10((n + 1)/(a + 1/2)) / (1 + h E)        score = 1 - 2^(-s/s₀)
///
/// with `a` of `n` decayed past values of `e` above this one, and `E` the decayed number of events told. The mean,
/// rather than the greatest, asks the families to agree: that is Fisher's combination of tail probabilities. An event
/// is followed by a rest (``RestPeriod``).
///
/// Learning is clipped always and slowed while suspicious, but never stopped, and where every reading of a long run was
/// clipped, the run is the new usual (`relearn`): a stream of zeros that comes to life would else need a day to
/// learn a scale. State is of fixed size; a tick allocates nothing, and equal input gives equal bits. A reading that is
/// not a finite number changes nothing.
public struct StreamScorer: Sendable {
    /// What counts as one standard deviation at least, and what deviation is none.
    let floor: ScaleFloor

    var count: UInt32 = 0
    var weight: Float = 1
    var level = 0.0
    var variance = 0.0
    var previous = 0.0
    var stepVariance = 0.0
    var shortMean = 0.0
    var roughness = 0.0
    var shortSpread = 0.0
    var shortStep = 0.0
    var clippedRun: UInt16 = 0
    var clippedStepRun: UInt16 = 0
    var shift = Cusum()
    var dailyVariance = 0.0
    var dailyShort = 0.0
    var dailyLong = 0.0
    var profile = DailyProfile()
    var pattern = PatternMemory()
    var tails = InlineArray<10, RankTail>(repeating: RankTail())
    var lastTime = 0.0
    var agreement = 0.0
    var history = InlineArray<24, Float>(repeating: 0)
    var historyTotal: Float = 0
    var recentEvents = 0.0
    var rest = RestPeriod()

    /// A scorer that saw nothing.
    ///
    /// - Parameter floor: What counts as one standard deviation at least. Deviations within ``ScaleFloor/absolute`` are
    ///   none. The default suits values of any unit.
    public init(floor: ScaleFloor = ScaleFloor(relative: 1e-6, absolute: 1e-12)) {
        self.floor = floor
    }

    /// Readings learned, saturating.
    public var learned: UInt32 { count }

    /// Judges a reading, then learns it.
    ///
    /// - Parameters:
    ///   - value: The reading; not a number where it is missing.
    ///   - time: When it was read, in seconds since any midnight; used for the time of day, and for the share that a
    ///     reading has in it. Time that goes back counts as standing still.
    /// - Returns: The score, with the evidence.
    public mutating func score(_ value: Double, at time: Double) -> StreamScore {
        guard abs(value) <= RobustLevel.largest else {
            var missing = StreamScore()
            missing.level = level
            missing.isMissing = true
            return missing
        }
        if count == 0 { start(value, time) }
        if count < .max { count += 1 }
        var result = StreamScore()
        let mean = families(value, time, &result)
        agreement += (mean - agreement) / Setting.agreementLength
        result.surprise = judge(agreement)
        if count > Setting.warmUp { tell(&result) }
        return result
    }

    /// Takes the first reading for everything that is usual.
    private mutating func start(_ value: Double, _ time: Double) {
        level = value
        previous = value
        shortMean = value
        if time.isFinite { lastTime = time }
        pattern.start(value)
    }

    /// Ranks the agreement of the families in its own history, then learns it.
    private mutating func judge(_ agreement: Double) -> Double {
        let position = min(max(agreement * Setting.historyBinsPerDecade, 0), 22.999)
        let bin = Int(position)
        var beyond = history[bin] * Float(1 - (position - Double(bin)))
        for index in bin + 1..<24 { beyond += history[index] }
        let rank = PureMath.roughLog2(Double((historyTotal + weight) / (beyond + 0.5 * weight))) * PureMath.log10of2
        weight *= Float(1 + Setting.forgetting)
        history[bin] += weight
        historyTotal += weight
        if weight > 65_536 { rescale() }
        return rank
    }

    /// Brings all counts back to a unit that floating point holds well.
    private mutating func rescale() {
        let factor = 1 / weight
        for index in tails.indices { tails[index].rescale(factor) }
        for index in history.indices { history[index] *= factor }
        historyTotal *= factor
        weight = 1
    }

    /// Turns surprise into a score, once an incident.
    private mutating func tell(_ result: inout StreamScore) {
        recentEvents *= 1 - 1 / Setting.eventMemory
        let strength = result.surprise / (1 + Setting.habituation * recentEvents)
        let length = min(max(Setting.restShare * Double(count), Setting.leastRest), Setting.longestRest)
        let wasResting = rest.left > 1
        guard
            rest.admit(
                strength,
                floor: Setting.eventFloor,
                length: UInt32(length),
                breakthrough: Setting.breakthrough
            )
        else { return }
        if !wasResting { recentEvents += 1 }
        result.score = 1 - PureMath.exp2(-strength / Setting.eventDecades)
    }
}
