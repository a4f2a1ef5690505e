/// What a stream usually does at each time of day, as a deviation from its level.
///
/// 48 half hours. The bin of now moves towards the deviation seen, `b = b + g (x - b)` with
/// `g = max(dt / (horizon + dt), 1/n)`, so that each day's visit counts alike, however often the stream is read. A
/// stream without a daily rhythm learns a profile near 0 and is judged as without one.
struct DailyProfile: Sendable {
    /// Bins of a day.
    static let binCount = 48
    /// Seconds of a day.
    static let day = 86_400.0
    /// Seconds within a bin until 63 % of what it knew is forgotten: 3.3 visits.
    static let horizon = 6_000.0

    private var levels = InlineArray<48, Double>(repeating: 0)
    private var visits = InlineArray<48, UInt16>(repeating: 0)

    /// The bin of a time.
    ///
    /// - Parameter time: Seconds since a midnight; not finite counts as midnight.
    /// - Returns: 0 to 47.
    static func bin(_ time: Double) -> Int {
        guard abs(time) < 1e15 else { return 0 }
        let days = time / day
        let part = days - days.rounded(.down)
        return min(binCount - 1, Int(part * Double(binCount)))
    }

    /// Whether anything was learned about a bin.
    ///
    /// - Parameter bin: 0 to 47.
    /// - Returns: Whether it was.
    func knows(_ bin: Int) -> Bool { visits[bin] > 0 }

    /// The usual deviation in a bin.
    ///
    /// - Parameter bin: 0 to 47.
    /// - Returns: The deviation from the level.
    func usual(_ bin: Int) -> Double { levels[bin] }

    /// Moves a bin.
    ///
    /// - Parameters:
    ///   - bin: 0 to 47.
    ///   - innovation: What was seen less what is usual, clipped.
    ///   - interval: Seconds since the reading before.
    mutating func learn(_ bin: Int, innovation: Double, interval: Double) {
        if visits[bin] < .max { visits[bin] += 1 }
        let step = interval > 0 ? min(interval, Self.day / Double(Self.binCount)) : 0
        let gain = max(step / (Self.horizon + step), 1 / Double(visits[bin]))
        levels[bin] += gain * innovation
    }
}
