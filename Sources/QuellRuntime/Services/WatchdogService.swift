import ServiceLifecycle
import Signals
import Systemd

/// Tells systemd that the daemon lives, for as long as it really ticks (`sd_watchdog_enabled(3)`).
///
/// A monitor that has not ticked for three periods gets no further sign of life, so that systemd restarts a daemon that
/// hangs rather than one that merely waits.
struct WatchdogService<Source: FrameSource>: Service {
    /// What must tick.
    let monitor: Monitor<Source>
    /// The time between its ticks.
    let period: Duration
    /// How to tell systemd.
    let notifier: Notifier

    func run() async throws {
        guard let interval = notifier.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        let patience = Double(period.components.seconds) + Double(period.components.attoseconds) / 1e18
        let started = HostClock.now()
        for await _ in TickSequence(every: interval / 2, on: ContinuousClock()).cancelOnGracefulShutdown() {
            let last = await monitor.lastTickTime ?? started
            if HostClock.now().seconds(since: last) <= max(5, 3 * patience) { _ = try? notifier.watchdog() }
        }
    }
}
