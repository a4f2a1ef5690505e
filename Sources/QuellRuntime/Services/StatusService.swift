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
    /// How many files it was read from.
    let files: Int
    /// Where it is told.
    let alerts: AlertQueue
    /// How to tell systemd.
    let notifier: Notifier
    /// Whether the VMs were listed once.
    let isListed: @Sendable () async -> Bool

    func run() async throws {
        let policy = await monitor.policy
        _ = try? notifier.ready(status: policies.status(of: policy))
        // The first listing takes libvirt a moment; without libvirt there is none to wait for.
        for _ in 0..<50 {
            if await isListed() || Task.isShuttingDownGracefully { break }
            try? await Task.sleep(for: .milliseconds(100))
        }
        let vms = await monitor.snapshot().frame.records.count { $0 != nil }
        alerts.send(.daemonStarted(version: QuellVersion.text, mode: policy.mode.rawValue, vms: vms))
        alerts.send(
            .policyLoaded(rules: policy.rules.count, files: files, mode: policy.mode.rawValue)
        )
        try? await gracefulShutdown()
        _ = try? notifier.stopping(status: "letting every held VM go")
        alerts.send(.daemonStopped(reason: "it was told to"))
    }
}
