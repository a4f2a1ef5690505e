import Enforcement
import ServiceLifecycle
import Signals

/// Carries out what the monitor wants, ends leases in time, and lets everybody go at the end.
///
/// It runs beside the ticks: however long libvirt takes, the next tick comes in time.
struct EnforcementService<Source: FrameSource>: Service {
    /// What wants things done.
    let monitor: Monitor<Source>
    /// What does them.
    let enforcer: Enforcer
    /// Told after each tick.
    let ticked: AsyncStream<Void>

    func run() async throws {
        await report(enforcer.recover(now: HostClock.now()))
        for await _ in ticked {
            let intents = await monitor.takeIntents()
            let now = HostClock.now()
            await report(enforcer.carryOut(intents, now: now))
            await report(enforcer.tick(now: now))
        }
        // The ticks have ended: this is the way out.
        await report(enforcer.releaseAll(.shutdown, now: HostClock.now()))
    }

    private func report(_ events: [LeaseEvent]) async {
        guard !events.isEmpty else { return }
        await monitor.note(events, at: HostClock.now())
    }
}
