public import Signals

/// Whether this host gives a signal, from what, and what would have to change where it does not.
public struct Capability: Equatable, Sendable {
    /// Whether a signal can be had.
    public enum State: Equatable, Sendable {
        /// In every tick, or as often as its source is read.
        case available
        /// In part, or from a coarser source.
        case degraded(String)
        /// Not at all.
        case notAvailable(String)
    }

    /// The signal.
    public var signal: Signal
    /// Whether it can be had.
    public var state: State
    /// Where it comes from, or would come from.
    public var source: String
    /// What to change: a kernel option, a boot parameter, a package, an element of the domain's XML.
    public var remedy: String?

    /// A statement on one signal.
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - state: Whether it can be had.
    ///   - source: Where it comes from.
    ///   - remedy: What to change.
    public init(signal: Signal, state: State, source: String, remedy: String? = nil) {
        self.signal = signal
        self.state = state
        self.source = source
        self.remedy = remedy
    }
}
