import Sampling
import Signals
import Synchronization

/// What is known of the sources of readings, of what the host gives and of the last audit, for whoever scrapes.
final class HostStates: Sendable {
    /// A kind of finding of an audit.
    struct Check: Hashable, Comparable, Sendable {
        /// Its name, such as `disk-unlimited`.
        var id: String
        /// How urgent it is.
        var severity: Severity

        static func < (left: Check, right: Check) -> Bool {
            (left.id, left.severity.rawValue) < (right.id, right.severity.rawValue)
        }
    }

    private struct State {
        var overdue: [String: Double] = [:]
        var observable: [Signal: Double] = [:]
        var findings: [Check: Int] = [:]
        var gaps: [Check: Int] = [:]
    }

    private let state = Mutex(State())

    /// Seconds since each source that may wait has answered, 0 where it does.
    var overdue: [String: Double] { state.withLock { $0.overdue } }
    /// Whether the host gives each signal: 1 in full, 0.5 in part, 0 not at all.
    var observable: [Signal: Double] { state.withLock { $0.observable } }

    /// How many findings of each kind the last audit had.
    var findings: [Check: Int] { state.withLock { $0.findings } }
    /// How much of each kind it could not tell.
    var gaps: [Check: Int] { state.withLock { $0.gaps } }

    /// Notes an audit; a check that found nothing counts as 0, so that it is seen to go away.
    ///
    /// - Parameter tally: What it counted.
    func note(_ tally: AuditTally) {
        state.withLock { state in
            state.findings = [:]
            state.gaps = [:]
            for row in tally.rows {
                let check = Check(id: row.check.rawValue, severity: row.severity)
                state.findings[check] = row.findings
                state.gaps[check] = row.notKnown
            }
        }
    }

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
