import Reporting
import Sampling
import Signals

/// Notices what a host gives, no longer gives, or gives again.
struct CapabilityWatch: Sendable {
    private var known: [Signal: Capability] = [:]

    /// Compares a look at the host with the one before.
    ///
    /// The first look gives one summary; each later one an alert for every signal whose state has changed. Another reason
    /// for the same state is no change.
    ///
    /// - Parameter capabilities: What the host gives now.
    /// - Returns: What is to be told.
    mutating func take(_ capabilities: [Capability]) -> [Alert] {
        let before = known
        known = Dictionary(capabilities.map { ($0.signal, $0) }, uniquingKeysWith: { $1 })
        if before.isEmpty {
            let count = { (rank: Int) in capabilities.count { $0.state.rank == rank } }
            return [.capabilitiesProbed(available: count(2), degraded: count(1), missing: count(0))]
        }
        return capabilities.compactMap { now in
            guard let old = before[now.signal], old.state.rank != now.state.rank else { return nil }
            return .capabilityChanged(
                now.signal,
                before: old.state.name,
                after: now.state.name,
                isLoss: now.state.rank < old.state.rank,
                why: now.state.why,
                remedy: now.remedy
            )
        }
    }
}

extension Capability.State {
    /// The state in a word or two.
    var name: String {
        switch self {
        case .available: "available"
        case .degraded: "degraded"
        case .notAvailable: "not available"
        }
    }

    /// Why it is not available in full.
    var why: String? {
        switch self {
        case .available: nil
        case .degraded(let why), .notAvailable(let why): why
        }
    }

    /// How good it is, from 0 for not at all to 2 for in full.
    fileprivate var rank: Int {
        switch self {
        case .available: 2
        case .degraded: 1
        case .notAvailable: 0
        }
    }
}
