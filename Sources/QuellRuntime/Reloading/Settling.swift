import Signals

/// Waits until changes have come to rest: an editor or a package manager changes several things at once.
struct Settling {
    /// Seconds of rest that are waited for.
    static let quiet = 0.5
    /// Seconds after the first change at which it is looked all the same, though there is no rest.
    static let longest = 5.0

    private var first: MonotonicTime?
    private var last: MonotonicTime?

    /// Notes a change.
    mutating func note(at now: MonotonicTime) {
        first = first ?? now
        last = now
    }

    /// Whether it is time to look; true once for all that was noted.
    mutating func isDue(at now: MonotonicTime) -> Bool {
        guard let first, let last else { return false }
        guard now.seconds(since: last) >= Self.quiet || now.seconds(since: first) >= Self.longest else { return false }
        (self.first, self.last) = (nil, nil)
        return true
    }
}
