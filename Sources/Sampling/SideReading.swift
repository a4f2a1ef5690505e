public import Signals

/// One reading that was made outside of the tick, by a ``SideSource``.
public struct SideReading: Equatable, Sendable {
    /// The signal.
    public var signal: Signal
    /// Its reading.
    public var reading: Reading

    /// Joins a signal and its reading.
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - reading: Its reading.
    public init(_ signal: Signal, _ reading: Reading) {
        self.signal = signal
        self.reading = reading
    }
}
