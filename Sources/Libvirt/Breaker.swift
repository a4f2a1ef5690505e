internal import Signals

/// Decides whether a VM that does not answer may be asked again.
///
/// Closed, it lets every call through. After ``Limits/failures`` calls in a row without an answer it opens and lets
/// none through. When its back-off is over it lets one call through (half-open): an answer closes it, another silence
/// opens it for twice as long, up to a cap.
struct Breaker: Equatable, Sendable {
    /// When it opens and for how long.
    struct Limits: Equatable, Sendable {
        /// Calls in a row without an answer that open it, at least 1.
        var failures = 3
        /// Seconds open the first time.
        var backOff = 5.0
        /// Seconds open at most.
        var cap = 300.0
    }

    /// Where it stands.
    enum State: Equatable, Sendable {
        /// Calls go through; so many in a row went unanswered.
        case closed(failures: Int)
        /// No call goes through before a moment; the back-off that led there, in seconds.
        case open(until: MonotonicTime, backOff: Double)
        /// One call is on its way and decides; the back-off before it, in seconds.
        case halfOpen(backOff: Double)
    }

    /// When it opens and for how long.
    let limits: Limits
    /// Where it stands.
    private(set) var state = State.closed(failures: 0)

    /// A closed breaker.
    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether there is nothing to remember, so that the breaker may be forgotten.
    var isPristine: Bool { state == .closed(failures: 0) }

    /// Asks whether a call may go through; each call let through must be followed by one of the three outcomes.
    mutating func admit(at now: MonotonicTime) -> Bool {
        switch state {
        case .closed: return true
        case .halfOpen: return false
        case .open(let until, let backOff):
            guard now >= until else { return false }
            state = .halfOpen(backOff: backOff)
            return true
        }
    }

    /// Notes an answer, be it an error: the VM is alive.
    mutating func answered() {
        state = .closed(failures: 0)
    }

    /// Notes that a call got no answer in time.
    mutating func unanswered(at now: MonotonicTime) {
        switch state {
        case .closed(let failures):
            if failures + 1 >= limits.failures {
                open(for: limits.backOff, at: now)
            } else {
                state = .closed(failures: failures + 1)
            }
        case .halfOpen(let backOff): open(for: backOff * 2, at: now)
        case .open: break  // A call let through before it opened; it says nothing new.
        }
    }

    /// Notes that a call says nothing of the VM: it was cancelled, or was never made.
    mutating func abandoned(at now: MonotonicTime) {
        switch state {
        case .closed, .open: break
        case .halfOpen(let backOff): state = .open(until: now, backOff: backOff)
        }
    }

    private mutating func open(for seconds: Double, at now: MonotonicTime) {
        let backOff = min(seconds, limits.cap)
        state = .open(until: now.advanced(bySeconds: backOff), backOff: backOff)
    }
}
