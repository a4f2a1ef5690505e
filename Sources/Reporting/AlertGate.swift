public import Signals

/// A bucket of tokens: each alert takes one, and they come back with time.
struct TokenBucket: Sendable {
    /// How many it holds at most.
    var capacity: Double
    /// How many come back a second.
    var refill: Double
    /// How many are in it.
    private(set) var tokens: Double
    private var last: MonotonicTime?

    init(capacity: Double, refill: Double) {
        self.capacity = max(1, capacity)
        self.refill = max(0, refill)
        tokens = self.capacity
    }

    /// Lets tokens come back up to a moment.
    mutating func fill(to now: MonotonicTime) {
        if let last { tokens = min(capacity, tokens + max(0, now.seconds(since: last)) * refill) }
        last = max(last ?? now, now)
    }

    /// Whether a token is there.
    var hasToken: Bool { tokens >= 1 }

    /// Takes a token, where one is there.
    mutating func take() {
        if hasToken { tokens -= 1 }
    }
}

/// Keeps the journal readable: no alert twice in a row, and no VM and no kind of alert without bound.
///
/// What is left out is counted and told now and then in one record. What Quell did or could not do is never left out.
public struct AlertGate: Sendable {
    /// How much is let through.
    public struct Limits: Sendable, Equatable {
        /// Seconds within which the same text of the same VM is told once.
        public var repeatAfter = 30.0
        /// Alerts of one kind and VM at once.
        public var burst = 5.0
        /// Seconds after which one more of them may be told.
        public var every = 60.0
        /// Alerts of all kinds and VMs at once.
        public var totalBurst = 200.0
        /// Alerts of all kinds and VMs a second.
        public var totalPerSecond = 5.0
        /// Seconds between summaries.
        public var summaryEvery = 60.0
        /// Kinds and VMs that are followed at once; beyond it only the total counts.
        public var streams = 4_096

        /// The usual limits.
        public init() {}
    }

    /// How much is let through.
    public let limits: Limits
    /// Alerts left out since the last summary, by kind.
    public private(set) var leftOut: [MessageID: Int] = [:]
    /// Alerts left out since the start.
    public private(set) var leftOutInAll = 0

    private var total: TokenBucket
    private var streams: [Key: Stream] = [:]
    private var summarySince: MonotonicTime?

    private struct Key: Hashable {
        var id: MessageID
        var vm: String
    }

    private struct Stream {
        var bucket: TokenBucket
        var text = ""
        var toldAt = MonotonicTime(nanoseconds: 0)
    }

    /// A gate.
    ///
    /// - Parameter limits: How much is let through.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        total = TokenBucket(capacity: limits.totalBurst, refill: limits.totalPerSecond)
    }

    /// Whether an alert is to be told; counted where it is not.
    ///
    /// - Parameters:
    ///   - alert: The alert.
    ///   - now: When.
    /// - Returns: Whether to tell it.
    public mutating func admits(_ alert: Alert, at now: MonotonicTime) -> Bool {
        if alert.id.isAlwaysTold { return true }
        total.fill(to: now)
        let key = Key(id: alert.id, vm: alert[.vmUUID] ?? "")
        if streams[key] == nil { forgetIdle(at: now) }
        var stream = streams[key] ?? Stream(bucket: TokenBucket(capacity: limits.burst, refill: refill))
        stream.bucket.fill(to: now)
        let isRepeated = stream.text == alert.text && now.seconds(since: stream.toldAt) < limits.repeatAfter
        let isTold = !isRepeated && stream.bucket.hasToken && total.hasToken
        if isTold {
            stream.bucket.take()
            total.take()
            stream.text = alert.text
            stream.toldAt = now
        } else {
            leftOut[alert.id, default: 0] += 1
            leftOutInAll += 1
        }
        if streams[key] != nil || streams.count < limits.streams { streams[key] = stream }
        return isTold
    }

    /// What was left out since the last summary; `nil` before a summary is due or where nothing was.
    ///
    /// - Parameter now: When.
    /// - Returns: The summary, to be told without asking the gate.
    public mutating func summary(at now: MonotonicTime) -> Alert? {
        let since = summarySince ?? now
        summarySince = since
        let seconds = now.seconds(since: since)
        guard seconds >= limits.summaryEvery else { return nil }
        summarySince = now
        let kinds = MessageID.allCases.compactMap { id in leftOut[id].map { (id.name, $0) } }
        leftOut = [:]
        if kinds.isEmpty { return nil }
        let count = kinds.reduce(0) { $0 + $1.1 }
        let list = kinds.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        return Alert(
            .alertsSuppressed,
            .notice,
            "\(count) alerts were left out in the last \(Unit.digits(seconds)) s: \(list)",
            [.count: "\(count)", .reason: list]
        )
    }

    private var refill: Double { limits.every > 0 ? 1 / limits.every : limits.burst }

    /// Forgets streams that would be let through anyway, once the table is full.
    private mutating func forgetIdle(at now: MonotonicTime) {
        guard streams.count >= limits.streams else { return }
        streams = streams.filter { _, stream in
            var bucket = stream.bucket
            bucket.fill(to: now)
            return bucket.tokens < bucket.capacity || now.seconds(since: stream.toldAt) < limits.repeatAfter
        }
    }
}
