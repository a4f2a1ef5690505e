import Synchronization

/// Who may come in, and how often.
final class ScrapeGate: Sendable {
    /// A place taken.
    struct Seat: Sendable {
        fileprivate let gate: ScrapeGate

        /// Gives it back.
        func leave() { gate.state.withLock { $0.taken -= 1 } }
    }

    private struct State {
        var taken = 0
        var tokens: Double
        var at: Double
    }

    private let limits: ScrapeLimits
    private let clock: @Sendable () -> Double
    private let state: Mutex<State>

    /// A gate that nobody has come through yet.
    init(_ limits: ScrapeLimits, clock: @escaping @Sendable () -> Double) {
        self.limits = limits
        self.clock = clock
        state = Mutex(State(tokens: limits.burst, at: clock()))
    }

    /// Takes a place; `nil` where none is free.
    func enter() -> Seat? {
        state.withLock { state in
            guard state.taken < limits.connections else { return nil }
            state.taken += 1
            return Seat(gate: self)
        }
    }

    /// Seconds until there may be another scrape; `nil` where it may be now, which is then counted.
    func wait() -> Double? {
        let now = clock()
        return state.withLock { state in
            state.tokens = min(limits.burst, state.tokens + max(0, now - state.at) * limits.perSecond)
            state.at = now
            guard state.tokens >= 1 else { return (1 - state.tokens) / limits.perSecond }
            state.tokens -= 1
            return nil
        }
    }
}
