public import Signals

/// Turns a level that rises and falls into its growth, by the rules of ``Counter`` except that falling is no reset.
public struct Level: Sendable, Equatable {
    private var value = 0.0
    private var interval = Interval()

    /// A level that has not been read yet.
    public init() {}

    /// Takes the next value.
    ///
    /// - Parameters:
    ///   - next: The value.
    ///   - now: When it was read.
    ///   - disturbed: Whether the VM was paused for any part of the interval.
    ///   - longest: The longest interval in seconds over which a growth is told.
    /// - Returns: The growth a second, negative where it falls.
    public mutating func growth(
        of next: Double,
        at now: MonotonicTime,
        disturbed: Bool = false,
        longest: Double = Counter.longestInterval
    ) -> Reading {
        switch interval.end(at: now, disturbed: disturbed, longest: longest) {
        case .standing:
            return Reading(0, .reset)
        case .first:
            value = next
            return .missing
        case .void:
            value = next
            return Reading(0, .reset)
        case .seconds(let seconds):
            let before = value
            value = next
            return Reading((next - before) / seconds)
        }
    }
}
