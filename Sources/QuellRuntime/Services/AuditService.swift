import Enforcement
import Libvirt
import ServiceLifecycle

/// Audits the host every ten minutes, and tells what has changed.
///
/// The first look is taken as soon as the first VMs can be known.
struct AuditService: Service {
    /// The time between two looks.
    static let period = Duration.seconds(600)
    /// The time after the start before the first look.
    static let patience = Duration.seconds(20)

    /// Who looks.
    let auditor: Auditor
    /// The hypervisor.
    let connection: LibvirtConnection
    /// Who holds VMs.
    let enforcer: Enforcer
    /// Where it is told.
    let alerts: any AlertReceiver
    /// Where it is kept for whoever scrapes.
    let states: HostStates

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = AuditWatch()
            guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
            for await _ in TickSequence(every: Self.period, on: ContinuousClock()) { await look(&watch) }
        }
    }

    private func look(_ watch: inout AuditWatch) async {
        let report = await auditor.examine(through: connection, leases: enforcer.leases, as: .daemon)
        states.note(report)
        for alert in watch.take(report) { alerts.send(alert) }
    }
}
