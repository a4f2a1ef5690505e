/// A beat at a fixed period: after a beat that came late the next ones keep the phase, and beats missed are left out.
public struct TickSequence<C: Clock>: AsyncSequence, Sendable where C.Duration == Duration {
    /// How many whole periods have passed since the beat before; 1 unless beats were missed.
    public typealias Element = Int

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
        /// - Returns: Whole periods since the beat before, or `nil` once the task is cancelled.
        public mutating func next() async -> Int? {
            do {
                try await clock.sleep(until: due, tolerance: .zero)
            } catch {
                return nil
            }
            let late = due.duration(to: clock.now)
            let missed = late > .zero ? Int(late / period) : 0
            due = due.advanced(by: period * (missed + 1))
            defer { first = false }
            return first ? 1 : missed + 1
        }
    }
}
