import Enforcement
import Logging
import Policy
import Reporting
import ServiceLifecycle
import Systemd
import UnixSignals

/// Reads the threshold files again when they change, and on SIGHUP.
///
/// A bad file changes nothing: the last good policy stays in force.
struct ReloadService<Source: FrameSource>: Service {
    /// Whose policy it is.
    let monitor: Monitor<Source>
    /// Who acts under it.
    let enforcer: Enforcer
    /// Where the files are.
    let policies: PolicySource
    /// What was read of them when the daemon started.
    let content: PolicyContent
    /// Where it is told.
    let alerts: AlertQueue
    /// How to tell systemd.
    let notifier: Notifier
    /// Has the host's capabilities looked at anew.
    let probe: AsyncStream<Void>.Continuation
    /// Where it is told that the files cannot be watched.
    let logger: Logger

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let (causes, cause) = AsyncStream.makeStream(of: ReloadCause.self, bufferingPolicy: .bufferingNewest(16))
        let watcher = PolicyWatcher(policies: policies, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in hangups.cancelOnGracefulShutdown() { cause.yield(.asked) }
                cause.finish()
            }
            group.addTask { await watcher.run { cause.yield(.changed) } }
            var desk = ReloadDesk(content)
            for await cause in causes { await reload(&desk, isAsked: cause == .asked) }
            group.cancelAll()
        }
    }

    private func reload(_ desk: inout ReloadDesk, isAsked: Bool) async {
        let content = policies.read()
        let status: String
        switch desk.take(content, isAsked: isAsked) {
        case .same: return
        case .adopt(let policy):
            _ = try? notifier.reloading()
            await monitor.adopt(policy)
            let now = HostClock.now()
            await monitor.note(enforcer.adopt(policy.mode, now: now), at: now)
            alerts.send(
                .policyLoaded(rules: policy.rules.count, files: content.files.count, mode: policy.mode.rawValue)
            )
            status = policies.status(of: policy)
        case .refuse(let problems):
            _ = try? notifier.reloading()
            alerts.send(.policyRejected(problems))
            status = policies.status(of: await monitor.policy, refused: problems)
        }
        _ = try? notifier.ready(status: status)
        probe.yield()
    }
}

/// Why threshold files are read again.
private enum ReloadCause: Sendable {
    /// A person sent SIGHUP.
    case asked
    /// They may have changed.
    case changed
}
