public import Signals

/// Turns a counter that only grows into a rate, with all the rules for when no rate can be told.
///
/// - The first value gives no rate: ``Quality/missing``.
/// - A value below the one before is a ``Quality/reset``: a counter of 64 bits does not wrap within the life of a host, so
///   one that went back has begun again. A counter made with ``init(wrappingAt:)`` is narrower and may have wrapped: it
///   has where what it then counted is less than half its range, else it was reset.
/// - The rate is over the true interval since the value before, so a missed tick costs nothing; but an interval longer
///   than ``longestInterval`` (suspend, a stopped agent) says nothing of the present: `reset`.
/// - A clock that stood still gives no rate and keeps the old beginning, so that the next interval is whole; one that
///   went back begins anew. Both are `reset`.
/// - While a VM is paused, and over the interval in which it was paused or resumed: `reset`.
public struct Counter: Sendable, Equatable {
    /// The longest interval in seconds over which a rate of the kernel tier is told.
    public static let longestInterval = Interval.longest

    private var value: UInt64 = 0
    private var interval = Interval()
    private let range: UInt64

    /// A counter of 64 bits that has not been read yet.
    public init() {
        range = 0
    }

    /// A narrower counter that has not been read yet.
    ///
    /// - Parameter range: The number at which it begins again from 0, such as the `max_energy_range_uj` of powercap.
    public init(wrappingAt range: UInt64) {
        self.range = range
    }

    /// Takes the next value.
    ///
    /// - Parameters:
    ///   - next: The value.
    ///   - now: When it was read.
    ///   - scale: What one step of the counter is in the signal's base unit.
    ///   - disturbed: Whether the VM was paused for any part of the interval.
    ///   - longest: The longest interval in seconds over which a rate is told.
    /// - Returns: The rate a second.
    public mutating func rate(
        of next: UInt64,
        at now: MonotonicTime,
        scale: Double = 1,
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
            let steps = next &- before &+ (next < before ? range : 0)
            guard next >= before || (before <= range && steps < range / 2) else { return Reading(0, .reset) }
            return Reading(Double(steps) * scale / seconds)
        }
    }

    /// Takes a value that is known to be the one before without having been read.
    ///
    /// - Parameters:
    ///   - now: When it is known.
    ///   - disturbed: Whether the VM was paused for any part of the interval.
    /// - Returns: 0 a second, by the rules of ``rate(of:at:scale:disturbed:longest:)``; `missing` before the first value.
    mutating func stillRate(at now: MonotonicTime, disturbed: Bool) -> Reading {
        interval.hasBegun ? rate(of: value, at: now, disturbed: disturbed) : .missing
    }

    /// Forgets what was read, so that the next value is a first one.
    public mutating func forget() {
        interval.forget()
    }
}
