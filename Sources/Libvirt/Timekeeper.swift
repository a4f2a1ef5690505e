internal import Signals

/// The two things that calls need of a clock: to know the time and to wait for a while.
struct Timekeeper: Sendable {
    /// The time since this value was made.
    let now: @Sendable () -> MonotonicTime
    /// Waits; throws only when the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    /// Takes the time from a clock.
    init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let origin = clock.now
        now = {
            let (seconds, attoseconds) = origin.duration(to: clock.now).components
            let whole = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
            let nanoseconds = UInt64(clamping: attoseconds / 1_000_000_000)
            return MonotonicTime(nanoseconds: whole.overflow ? .max : whole.partialValue &+ nanoseconds)
        }
        sleep = { try await clock.sleep(for: $0) }
    }
}
