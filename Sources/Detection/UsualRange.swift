/// The usual level and scale of one of many counters, over a long memory, in little space.
///
/// As ``RobustLevel``, but counted in readings instead of seconds, and with innovations clipped at ``clip`` scales,
/// which is wide enough to learn bursts: where a share `p` of the readings is far outside, the variance grows while `p
/// clip² > 1`. A counter that bursts in more than every sixteenth reading is not unusual each time it does, one that
/// bursts less often is. With reading `x`, level `m`, variance `v`, floored scale `s`, memory `n` and the `i`-th
/// reading:
///
///     r = min(max(x - m, -clip s), clip s)      m = m + a r      v = v + a (r² - v)      a = max(1 / (n + 1), 1 / i)
///
/// The first ``startCount`` readings start it by their median and median absolute deviation.
struct UsualRange: Sendable {
    /// Scales beyond which an innovation is clipped.
    static let clip = 4.0
    /// Readings that are collected to start from.
    static let startCount = RobustStart.count

    /// The usual level; meaningless before ``startCount`` readings.
    private(set) var level = 0.0
    private var variance = 0.0
    /// The readings that it starts from.
    private var start = RobustStart()
    /// Readings learned, saturating.
    private(set) var count: UInt32 = 0

    /// The usual deviation from the level, floored.
    ///
    /// - Parameter floor: The floor of the counter's unit.
    /// - Returns: One robust standard deviation, above 0.
    func scale(_ floor: ScaleFloor) -> Double {
        max(variance.squareRoot(), floor.relative * abs(level), floor.absolute)
    }

    /// Learns one reading.
    ///
    /// - Parameters:
    ///   - value: The reading, of a magnitude whose square is finite.
    ///   - floor: The floor of the counter's unit.
    ///   - memory: Readings in which it forgets, above 0.
    mutating func learn(_ value: Double, floor: ScaleFloor, memory: Double) {
        if count < UInt32.max { count += 1 }
        if count <= Self.startCount {
            start.keep(value, at: Int(count) - 1)
            if count == Self.startCount { settle() }
            return
        }
        let gain = max(1 / (memory + 1), 1 / Double(count))
        let bound = Self.clip * scale(floor)
        let innovation = min(max(value - level, -bound), bound)
        level += gain * innovation
        variance += gain * (innovation * innovation - variance)
    }

    /// Starts level and variance from the readings collected.
    private mutating func settle() {
        let (middle, scale) = start.levelAndScale
        level = middle
        variance = scale * scale
    }
}
