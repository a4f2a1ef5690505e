public import Signals

/// Turns a level that rises and falls into its growth, by the rules of ``Counter`` except that falling is no reset.
public struct Level: Sendable, Equatable {
    private var value = 0.0
    private var time = MonotonicTime(nanoseconds: 0)
    private var isPrimed = false

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
        guard isPrimed else {
            isPrimed = true
            value = next
            time = now
            return .missing
        }
        if now == time { return Reading(0, .reset) }
        let seconds = now.seconds(since: time)
        let before = value
        value = next
        time = now
        guard !disturbed, seconds > 0, seconds <= longest else { return Reading(0, .reset) }
        return Reading((next - before) / seconds)
    }
}
