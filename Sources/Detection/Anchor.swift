/// Keeps a learned level from being led away by a slow ramp.
///
/// A level that follows its stream within minutes also follows a stream that rises by a tenth of a per cent a minute, and
/// at the day's end calls it usual. The anchor is the mean of the level over a day, `a = a + (dt / min(T, t)) (m - a)`
/// with `t` the time learned so far, and the level may be taken for usual only as far as a small part of the anchor
/// beyond it, in the direction in which a rule looks. Back towards calm it follows at once.
struct Anchor: Sendable {
    /// The time over which it forgets, in seconds: a day, so that each hour of the day is in it.
    static let horizon = 86_400.0
    /// How far a level may go beyond the anchor, as a part of it.
    static let tether = 0.15

    /// The long mean of the level, in the signal's base unit.
    private(set) var level = 0.0
    /// Seconds learned so far.
    private var learned = 0.0

    /// Learns the level of one reading.
    ///
    /// - Parameters:
    ///   - usual: The level.
    ///   - interval: Seconds since the one before.
    mutating func learn(_ usual: Double, interval: Double) {
        guard usual.isFinite, interval > 0 else {
            if learned == 0, usual.isFinite { level = usual }
            return
        }
        learned = min(Self.horizon, learned + interval)
        level += min(1, interval / learned) * (usual - level)
    }

    /// The level, kept within reach of the anchor.
    ///
    /// - Parameters:
    ///   - usual: The level.
    ///   - downward: Whether the rule looks below it, so that it is kept from falling; else from rising.
    ///   - floor: The floor of the stream's unit: nothing smaller is a way off.
    /// - Returns: The level that may be taken for usual.
    func tethered(_ usual: Double, downward: Bool, floor: ScaleFloor) -> Double {
        guard learned > 0 else { return usual }
        let reach = max(Self.tether * abs(level), 3 * floor.absolute)
        return downward ? max(usual, level - reach) : min(usual, level + reach)
    }
}
