import ServiceLifecycle
import Signals

/// Ticks the monitor at its period and wakes whoever carries out what it wants.
struct TickService<Source: FrameSource>: Service {
    /// What ticks.
    let monitor: Monitor<Source>
    /// The time between ticks.
    let period: Duration
    /// Told after each tick.
    let ticked: AsyncStream<Void>.Continuation

    func run() async throws {
        defer { ticked.finish() }
        for await beat in TickSequence(every: period, on: ContinuousClock()).cancelOnGracefulShutdown() {
            let due = HostClock.now().advanced(bySeconds: -(beat.lag / .seconds(1)))
            await monitor.tick(due: due) { HostClock.now() }
            ticked.yield()
        }
    }
}
