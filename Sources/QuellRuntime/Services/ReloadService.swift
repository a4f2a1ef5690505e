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
    /// Where the files are.
    let policies: PolicyFiles
    /// Where it is told.
    let alerts: AlertQueue
    /// How to tell systemd.
    let notifier: Notifier
    /// Told the mode of a policy that was put in force.
    let adopted: @Sendable (PolicySet) async -> Void

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for await _ in hangups.cancelOnGracefulShutdown() {
            notifier.reloading()
            do {
                let policy = try policies.load()
                await monitor.adopt(policy)
                await adopted(policy)
                alerts.send(.policyLoaded(rules: policy.rules.count, mode: policy.mode, from: policies.description))
            } catch {
                alerts.send(.policyRejected(problems: error.problems.map(\.description)))
            }
            notifier.ready()
        }
    }
}
