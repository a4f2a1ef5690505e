/// How much of the daemon those that scrape it may take.
public struct ScrapeLimits: Sendable, Equatable {
    /// Connections at a time, at most; further ones are closed at once.
    public var connections = 8
    /// The longest request, in bytes.
    public var requestBytes = 16_384
    /// Seconds in which the whole request must have come.
    public var requestSeconds = 2
    /// Seconds after which a connection is closed, whatever has been answered.
    public var connectionSeconds = 15
    /// Scrapes at once, at most.
    public var burst = 8.0
    /// Scrapes a second for long, at most.
    public var perSecond = 2.0

    /// The limits of a daemon.
    public init() {}
}
