import Logging
import Reporting
import ServiceLifecycle
import Systemd

/// Takes alerts from the queue through the gate to the journal or to standard output, in order, until the queue ends.
struct AlertService: Service {
    /// Where they come from.
    let queue: AlertQueue
    /// Where they go.
    let sink: any AlertSink
    /// Where it is told that alerts were lost.
    let logger: Logger
    /// What counts them; `nil` where nobody asks.
    let metrics: AlertMetrics?

    func run() async throws {
        // Stopped last of all: what is in the queue then is still told.
        await withGracefulShutdownHandler {
            var gate = AlertGate()
            var metrics = metrics
            for await alert in queue.alerts {
                let now = HostClock.now()
                let isTold = gate.admits(alert, at: now)
                metrics?.note(alert, isTold: isTold)
                if isTold { write(alert) }
                if let summary = gate.summary(at: now) { write(summary) }
                let lost = queue.takeLost()
                guard lost > 0 else { continue }
                metrics?.lose(lost)
                logger.warning("alerts were lost because the journal took them too slowly: \(lost)")
            }
        } onGracefulShutdown: {
            queue.finish()
        }
    }

    private func write(_ alert: Alert) {
        do throws(SystemdError) {
            try sink.send(alert)
        } catch {
            // The journal is away. Standard output is where systemd, or a person, looks next.
            logger.error("an alert could not be written (\(error)): \(alert.text)")
        }
    }
}
