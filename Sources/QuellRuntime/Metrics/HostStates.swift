import Sampling
import Signals
import Synchronization

/// What is known of the sources of readings and of what the host gives, for whoever scrapes.
final class HostStates: Sendable {
    private struct State {
        var overdue: [String: Double] = [:]
        var observable: [Signal: Double] = [:]
    }

    private let state = Mutex(State())

    /// Seconds since each source that may wait has answered, 0 where it does.
    var overdue: [String: Double] { state.withLock { $0.overdue } }
    /// Whether the host gives each signal: 1 in full, 0.5 in part, 0 not at all.
    var observable: [Signal: Double] { state.withLock { $0.observable } }

    /// Notes how a source is.
    ///
    /// - Parameters:
    ///   - source: Its name.
    ///   - seconds: Seconds for which it has not answered; 0 where it does.
    func note(_ source: String, overdue seconds: Double) { state.withLock { $0.overdue[source] = seconds } }

    /// Notes what the host gives.
    ///
    /// - Parameter capabilities: A statement on each signal.
    func note(_ capabilities: [Capability]) {
        let observable = capabilities.map { capability in
            switch capability.state {
            case .available: (capability.signal, 1.0)
            case .degraded: (capability.signal, 0.5)
            case .notAvailable: (capability.signal, 0.0)
            }
        }
        state.withLock { $0.observable = Dictionary(observable, uniquingKeysWith: { $1 }) }
    }
}
