import Enforcement
import Policy
import Reporting
import ServiceLifecycle
import Systemd
import UnixSignals

/// Reads the threshold files again on SIGHUP.
///
/// A bad file changes nothing: the last good policy stays in force.
struct ReloadService<Source: FrameSource>: Service {
    /// Whose policy it is.
    let monitor: Monitor<Source>
    /// Who acts under it.
    let enforcer: Enforcer
    /// Where the files are.
    let policies: PolicySource
    /// Where it is told.
    let alerts: AlertQueue
    /// How to tell systemd.
    let notifier: Notifier
    /// Has the host's capabilities looked at anew.
    let probe: AsyncStream<Void>.Continuation

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for await _ in hangups.cancelOnGracefulShutdown() {
            _ = try? notifier.reloading()
            do throws(PolicyErrors) {
                let policy = try policies.load()
                await monitor.adopt(policy)
                let now = HostClock.now()
                await monitor.note(enforcer.adopt(policy.mode, now: now), at: now)
                alerts.send(
                    .policyLoaded(rules: policy.rules.count, files: policies.fileCount, mode: policy.mode.rawValue)
                )
            } catch {
                alerts.send(.policyRejected(error.problems.map(\.description)))
            }
            _ = try? notifier.ready(status: nil)
            probe.yield()
        }
    }
}
