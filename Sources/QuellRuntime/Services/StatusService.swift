import Policy
import Reporting
import ServiceLifecycle
import Signals
import Systemd

/// Tells systemd and the journal that the daemon is up, and that it stops.
struct StatusService<Source: FrameSource>: Service {
    /// What watches.
    let monitor: Monitor<Source>
    /// Where the policy came from.
    let policies: PolicySource
    /// Where it is told.
    let alerts: AlertQueue
    /// How to tell systemd.
    let notifier: Notifier

    func run() async throws {
        let policy = await monitor.policy
        let vms = await monitor.snapshot().frame.records.count { $0 != nil }
        alerts.send(.daemonStarted(version: QuellVersion.text, mode: policy.mode.rawValue, vms: vms))
        alerts.send(
            .policyLoaded(rules: policy.rules.count, files: policies.fileCount, mode: policy.mode.rawValue)
        )
        _ = try? notifier.ready(status: "\(policy.mode.rawValue), \(policy.rules.count) rules from \(policies)")
        try? await gracefulShutdown()
        _ = try? notifier.stopping(status: "letting every held VM go")
        alerts.send(.daemonStopped(reason: "it was told to"))
    }
}
