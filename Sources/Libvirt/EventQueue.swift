internal import Synchronization

/// Holds events between libvirt's thread and the one task that takes them.
///
/// It is bounded. On overflow everything held is replaced by the last connection edge, if one was held, and one
/// ``DomainEvent/resync``: the consumer must list the domains afresh and has then lost nothing.
final class EventQueue: Sendable {
    private struct State {
        var events: [DomainEvent] = []
        var waiter: CheckedContinuation<DomainEvent?, Never>?
        var finished = false
    }

    private let limit: Int
    private let state = Mutex(State())

    /// An empty queue for so many events, at least 2.
    init(limit: Int = 1024) {
        self.limit = max(2, limit)
    }

    /// Adds an event; never blocks for long.
    func push(_ event: DomainEvent) {
        let waiter = state.withLock { state -> CheckedContinuation<DomainEvent?, Never>? in
            guard !state.finished else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            // A repetition of what was just queued tells nothing new.
            guard state.events.last != event else { return nil }
            state.events.append(event)
            if state.events.count > limit {
                let edge = state.events.last { $0 == .disconnected || $0 == .reconnected }
                state.events = (edge.map { [$0] } ?? []) + [.resync]
            }
            return nil
        }
        waiter?.resume(returning: event)
    }

    /// Takes the oldest event, waiting for one; `nil` once the queue is finished or the task is cancelled.
    func next() async -> DomainEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> DomainEvent?? in
                    if !state.events.isEmpty { return .some(state.events.removeFirst()) }
                    // One consumer is served; a second one is turned away rather than left to hang.
                    if state.finished || state.waiter != nil || Task.isCancelled { return .some(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            wakeWaiter()
        }
    }

    /// Ends the queue; what it holds may still be taken.
    func finish() {
        state.withLock { $0.finished = true }
        wakeWaiter()
    }

    private func wakeWaiter() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }
}
