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
        let seconds = Double(period.components.seconds) + Double(period.components.attoseconds) / 1e18
        // The first beat is due now; both clocks count suspend too.
        var due = HostClock.now()
        var isFirst = true
        for await beats in TickSequence(every: period, on: ContinuousClock()).cancelOnGracefulShutdown() {
            if !isFirst { due = due.advanced(bySeconds: seconds * Double(beats)) }
            isFirst = false
            await monitor.tick(due: due) { HostClock.now() }
            ticked.yield()
        }
    }
}
