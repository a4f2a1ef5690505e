/// An alert from its onset to its end, or a hold from its first step to its release, as one policy would have had it.
public struct ReplaySpan: Codable, Equatable, Sendable {
    /// One step of a hold.
    public struct Step: Codable, Equatable, Sendable {
        /// Seconds since the first frame of the trace.
        public var second: Double
        /// The step, such as `60%`.
        public var step: String
    }

    /// Seconds since the first frame of the trace.
    public var from: Double
    /// The same at its end, which is its beginning for what a VM does to itself; `nil` where the trace ends before.
    public var to: Double?
    /// The rule that brought it about.
    public var rule: String
    /// How urgent the alert is; `nil` for a hold.
    public var severity: String?
    /// Whom the alert blames, in the order in which they were named: VMs by name, `nobody` or `itself`.
    public var blamed: [String] = []
    /// The steps of the hold; empty for an alert.
    public var steps: [Step] = []
    /// Why the hold ended; `nil` for an alert.
    public var reason: String?
}

/// What a span is of.
struct ReplaySubject: Hashable, Sendable {
    /// Whether it is an alert or a hold.
    enum Kind: String, Codable, Sendable {
        case alert, hold
    }

    var kind: Kind
    /// The VM's UUID.
    var vm: String
    /// The rule of an alert, the contention of a hold.
    var what: String
    /// Which run of the daemon it is in, from 0.
    var run: Int
}
