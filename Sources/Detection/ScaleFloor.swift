public import Signals

/// The smallest deviation that counts as one standard deviation of a stream.
///
/// A stream that was constant so far has no scale of its own, so its first wobble would be infinitely unusual. The floor
/// is what is too small to matter to anybody: a part of the level, or an amount of the unit, whichever is more.
public struct ScaleFloor: Equatable, Sendable {
    /// The part of the level, 0 to 1.
    public var relative: Double
    /// The amount, in the base unit, above 0.
    public var absolute: Double

    /// A floor.
    ///
    /// - Parameters:
    ///   - relative: The part of the level.
    ///   - absolute: The amount, in the base unit, above 0.
    public init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }

    /// The floor of a unit: 5 % of the level, and an amount that no operator would ask about.
    ///
    /// - Parameter unit: The unit.
    public init(_ unit: Unit) {
        relative = 0.05
        absolute =
            switch unit {
            case .cores: 0.02
            case .secondsPerSecond: 0.002
            case .ratio: 0.01
            case .bytes: 1_048_576
            case .bytesPerSecond: 65_536
            case .perSecond: 1
            case .seconds: 0.000_5
            case .count: 0.5
            case .cyclesPerInstruction: 0.05
            case .watts: 1
            case .hertz: 10_000_000
            }
    }
}
