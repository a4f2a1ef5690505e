internal import Signals

/// The time between two readings of a counter or of a level: the rules for when a rate can be told over it.
///
/// It is the one place that knows them; ``Counter`` and ``Level`` add what their values say.
struct Interval: Sendable, Equatable {
    /// The longest interval in seconds over which a rate of the kernel tier is told.
    static let longest = 60.0

    /// What can be told over the time since the reading before.
    enum Verdict {
        /// Nothing: this is the first reading.
        case first
        /// Nothing: no time has passed, and the reading before stays the beginning.
        case standing
        /// Nothing: the clock went back, too much time has passed, or the VM was paused in it.
        case void
        /// A rate over this many seconds, above 0.
        case seconds(Double)
    }

    private var begin = MonotonicTime(nanoseconds: 0)
    private(set) var hasBegun = false

    /// Ends the interval at a reading and begins the next one there.
    ///
    /// - Parameters:
    ///   - now: When the reading was made.
    ///   - disturbed: Whether the VM was paused for any part of the interval.
    ///   - longest: The longest interval in seconds over which a rate is told.
    /// - Returns: What can be told; the value read replaces the one before unless it is ``Verdict/standing``.
    @inline(__always)
    mutating func end(at now: MonotonicTime, disturbed: Bool, longest: Double) -> Verdict {
        guard hasBegun else {
            hasBegun = true
            begin = now
            return .first
        }
        if now == begin { return .standing }
        let seconds = now.seconds(since: begin)
        begin = now
        return !disturbed && seconds > 0 && seconds <= longest ? .seconds(seconds) : .void
    }

    /// Forgets the reading before, so that the next one is a first one.
    mutating func forget() {
        hasBegun = false
    }
}
