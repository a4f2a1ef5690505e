internal import Synchronization

/// One value that one thread hands to one task.
final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Result<Value, LibvirtError>, Never>)
        case settled(Result<Value, LibvirtError>)
        case taken
    }

    private let state = Mutex(State.open)

    /// Hands the value over; only the first counts.
    func settle(_ result: Result<Value, LibvirtError>) {
        let waiter = state.withLock { state -> CheckedContinuation<Result<Value, LibvirtError>, Never>? in
            switch state {
            case .open:
                state = .settled(result)
                return nil
            case .awaited(let waiter):
                state = .taken
                return waiter
            case .settled, .taken: return nil
            }
        }
        waiter?.resume(returning: result)
    }

    /// Waits for the value; asked for once.
    func value() async -> Result<Value, LibvirtError> {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Result<Value, LibvirtError>? in
                guard case .settled(let result) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .taken
                return result
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
