import Reporting
import ServiceLifecycle

/// Takes alerts from the queue through the gate to the journal or to standard output, in order, until the queue ends.
struct AlertService: Service {
    /// Where they come from.
    let queue: AlertQueue
    /// Where they go.
    let sink: any AlertSink

    func run() async throws {
        var gate = AlertGate()
        for await alert in queue.alerts {
            let lost = queue.takeLost()
            for passed in gate.admit(alert, lost: lost, at: HostClock.now()) { sink.write(passed) }
        }
        for left in gate.summary(at: HostClock.now()) { sink.write(left) }
    }
}
