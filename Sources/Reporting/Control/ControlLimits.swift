/// How much of the daemon the clients of its control socket may take.
public struct ControlLimits: Equatable, Sendable {
    /// How long a client may take to send its whole request, in milliseconds.
    public var patience = 500
    /// How long a client may take to take its whole answer, in milliseconds.
    public var answerPatience = 5_000
    /// Connections at a time of all who are not root, at most.
    public var connections = 16
    /// Connections at a time of one user who is not root, at most.
    public var connectionsOfOne = 8
    /// Connections at a time of root, at most: what it asks and waits for must not keep it from letting somebody go.
    public var connectionsOfRoot = 64
    /// Questions that one user may ask at once, at most.
    public var burst = 40.0
    /// Questions a second that one user may ask for long.
    public var perSecond = 20.0

    /// The limits of a daemon.
    public init() {}
}

/// How many questions each user may still ask: a bucket a user, which fills steadily and is emptied by questions.
struct RequestRate: Sendable {
    /// Users that are kept account of, at most; beyond, whoever could ask most is forgotten.
    static let mostUsers = 64

    private struct Bucket {
        var tokens: Double
        var at: Double
    }

    private let burst: Double
    private let perSecond: Double
    private var buckets: [UInt32: Bucket] = [:]

    /// Full buckets.
    init(_ limits: ControlLimits) {
        burst = limits.burst
        perSecond = limits.perSecond
    }

    /// Takes one question from a user's bucket.
    ///
    /// - Parameters:
    ///   - user: The user.
    ///   - now: Seconds of a clock that does not go back.
    /// - Returns: Seconds until there is one again; `nil` where there was one.
    mutating func take(_ user: UInt32, now: Double) -> Double? {
        var bucket = buckets[user] ?? Bucket(tokens: burst, at: now)
        bucket.tokens = min(burst, bucket.tokens + max(0, now - bucket.at) * perSecond)
        bucket.at = now
        defer {
            buckets[user] = bucket
            if buckets.count > Self.mostUsers { forget(now: now) }
        }
        guard bucket.tokens >= 1 else { return (1 - bucket.tokens) / perSecond }
        bucket.tokens -= 1
        return nil
    }

    private mutating func forget(now: Double) {
        let fullest = buckets.max { left, right in
            left.value.tokens + (now - left.value.at) * perSecond
                < right.value.tokens + (now - right.value.at) * perSecond
        }
        if let fullest { buckets[fullest.key] = nil }
    }
}
