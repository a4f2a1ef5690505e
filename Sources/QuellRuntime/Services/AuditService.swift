import Enforcement
import Libvirt
import Policy
import ServiceLifecycle

/// Audits the host now and then, and tells what has changed.
///
/// The first look is taken as soon as the first VMs can be known.
struct AuditService: Service {
    /// The longest time after the start before the first look.
    static let patience = Duration.seconds(20)

    /// Who looks.
    let auditor: Auditor
    /// The time between two looks.
    let period: Duration
    /// The hypervisor.
    let connection: LibvirtConnection
    /// Who holds VMs.
    let enforcer: Enforcer
    /// How urgent each finding is, by the policy in force.
    let plan: @Sendable () async -> AuditPlan
    /// Where it is told.
    let alerts: any AlertReceiver
    /// Where it is kept for whoever scrapes.
    let states: HostStates

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = AuditWatch()
            guard (try? await Task.sleep(for: min(Self.patience, period))) != nil else { return }
            for await _ in TickSequence(every: period, on: ContinuousClock()) { await look(&watch) }
        }
    }

    private func look(_ watch: inout AuditWatch) async {
        let plan = await plan()
        let report = await auditor.examine(
            through: connection,
            leases: enforcer.leases,
            plan: plan,
            as: .daemon
        )
        states.note(report.tally(plan))
        for alert in watch.take(report, plan: plan) { alerts.send(alert) }
    }
}
