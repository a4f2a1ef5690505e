/// What was learned of one stream, as `explain` shows it.
public struct Baseline: Equatable, Sendable {
    /// The usual level, in the signal's base unit.
    public var level: Double
    /// One robust standard deviation, floored, in the signal's base unit.
    public var scale: Double

    /// A baseline.
    ///
    /// - Parameters:
    ///   - level: The usual level.
    ///   - scale: One robust standard deviation, above 0.
    public init(level: Double, scale: Double) {
        self.level = level
        self.scale = scale
    }
}
