import HostReaders
import Libvirt
import ServiceLifecycle

/// Looks at what this host can observe, and tells what has changed.
///
/// It looks once it is known whether libvirt answers, then every minute, after a reload and whenever libvirt is found
/// again.
struct CapabilityService: Service {
    /// The time between two looks.
    static let period = Duration.seconds(60)
    /// The longest time that the first look waits for libvirt.
    static let patience = Duration.seconds(5)

    /// Where the host's trees are.
    let roots: HostRoots
    /// The hypervisor.
    let connection: LibvirtConnection
    /// Where it is told.
    let alerts: any AlertReceiver
    /// Where it is kept for whoever scrapes.
    let states: HostStates
    /// Told when a look is wanted.
    let wanted: AsyncStream<Void>
    /// Tells that one is wanted.
    let want: AsyncStream<Void>.Continuation

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let beats: Void = beat()
            var watch = CapabilityWatch()
            for await _ in wanted {
                let capabilities = await Doctor.probe(roots, connection).1
                states.note(capabilities)
                for alert in watch.take(capabilities) { alerts.send(alert) }
            }
            await beats
        }
    }

    /// Wants a look now and then; the first one comes from the inventory, or at the end of patience without libvirt.
    private func beat() async {
        guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
        for await _ in TickSequence(every: Self.period, on: ContinuousClock()) { want.yield() }
    }
}
