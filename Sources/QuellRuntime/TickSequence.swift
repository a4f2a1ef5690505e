/// A beat at a fixed period: after a beat that came late the next ones keep the phase, and beats missed are left out.
public struct TickSequence<C: Clock>: AsyncSequence, Sendable where C.Duration == Duration {
    /// One beat.
    public struct Element: Sendable, Equatable {
        /// How many whole periods have passed since the beat before; 1 unless beats were missed.
        public let periods: Int
        /// How long after it was due the beat came, whole periods that were missed included.
        public let lag: Duration

        /// A beat.
        ///
        /// - Parameters:
        ///   - periods: How many whole periods have passed since the beat before.
        ///   - lag: How long after it was due the beat came.
        public init(periods: Int, lag: Duration) {
            self.periods = periods
            self.lag = lag
        }
    }

    private let clock: C
    private let period: Duration

    /// A beat on a clock.
    ///
    /// - Parameters:
    ///   - period: The time between beats.
    ///   - clock: The clock.
    public init(every period: Duration, on clock: C) {
        self.period = period
        self.clock = clock
    }

    /// A fresh walk over the beats; the first comes at once.
    ///
    /// - Returns: The walk.
    public func makeAsyncIterator() -> Iterator {
        Iterator(clock: clock, period: period, due: clock.now)
    }

    /// A walk over the beats; it ends when the task is cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        let clock: C
        let period: Duration
        var due: C.Instant
        var first = true

        /// Waits for the next beat.
        ///
        /// - Returns: The beat, or `nil` once the task is cancelled.
        public mutating func next() async -> Element? {
            do {
                try await clock.sleep(until: due, tolerance: .zero)
            } catch {
                return nil
            }
            let late = due.duration(to: clock.now)
            let missed = late > .zero ? Int(late / period) : 0
            due = due.advanced(by: period * (missed + 1))
            defer { first = false }
            return Element(periods: first ? 1 : missed + 1, lag: Swift.max(.zero, late))
        }
    }
}
