public import Reporting
import Synchronization

/// What takes alerts.
///
/// It must not wait: it is called within the tick.
public protocol AlertReceiver: Sendable {
    /// Takes an alert.
    ///
    /// - Parameter alert: The alert.
    func send(_ alert: Alert)
}

/// Alerts on their way to the journal: bounded, never waiting; what finds no room is counted and told later.
public final class AlertQueue: AlertReceiver, Sendable {
    /// Alerts that wait at most.
    public static let capacity = 1_024

    private let stream: AsyncStream<Alert>
    private let continuation: AsyncStream<Alert>.Continuation
    private let lost = Atomic<Int>(0)

    /// An empty queue.
    public init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    /// Adds an alert, or counts it as lost where the queue is full.
    ///
    /// - Parameter alert: The alert.
    public func send(_ alert: Alert) {
        if case .dropped = continuation.yield(alert) { lost.add(1, ordering: .relaxed) }
    }

    /// The alerts in order; one reader at a time.
    public var alerts: AsyncStream<Alert> { stream }

    /// Alerts lost since the last call.
    ///
    /// - Returns: How many.
    public func takeLost() -> Int { lost.exchange(0, ordering: .relaxed) }

    /// Ends the queue: the reader gets what is left, then the end.
    public func finish() {
        continuation.finish()
    }
}
