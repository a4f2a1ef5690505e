import Enforcement
import Reporting
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
    /// Where it is told.
    let alerts: any AlertReceiver
    /// Told after each tick.
    let ticked: AsyncStream<Void>
    /// Why no new hold may begin on a VM now; `nil` where it may.
    let holdOff: @Sendable (VMIdentity) async -> String?

    func run() async throws {
        let recovered = await enforcer.recover(now: HostClock.now())
        await report(recovered)
        let count = recovered.count { if case .released = $0 { true } else { false } }
        if count > 0 { alerts.send(.recoveredLeases(count)) }
        for await _ in ticked {
            let intents = await allowed(monitor.takeIntents())
            await report(enforcer.carryOut(intents, now: HostClock.now()))
            await report(enforcer.tick(now: HostClock.now()))
        }
        // The ticks have ended, so the daemon stops; the services after this one are still there to tell it.
        try? await gracefulShutdown()
        await report(enforcer.releaseAll(.shutdown, now: HostClock.now()))
    }

    /// Leaves out new holds on VMs that must not be touched now, and says so.
    private func allowed(_ intents: [Intent]) async -> [Intent] {
        var allowed: [Intent] = []
        let held = Set(await enforcer.leases.map(\.key))
        for intent in intents {
            if case .hold(let order) = intent, !held.contains(order.key), let reason = await holdOff(order.vm) {
                await report([.failed(order.key, name: order.name, reason)])
            } else {
                allowed.append(intent)
            }
        }
        return allowed
    }

    private func report(_ events: [LeaseEvent]) async {
        guard !events.isEmpty else { return }
        await monitor.note(events, at: HostClock.now())
    }
}
