import Enforcement
import Foundation
import Synchronization

/// A thread on which NVML is asked, since the driver may let a call wait for long.
///
/// It runs while there is something to ask, and for ``rest`` after that: whoever has NVML open with a GPU keeps that GPU
/// from being unbound. A call cannot be interrupted: after a deadline the asker is told, and what was not begun by then
/// never is.
final class GPUThread: Sendable {
    /// Seconds without a question after which the thread ends and NVML is closed.
    static let rest = 10.0
    /// The most questions that wait.
    static let mostWaiting = 64

    private struct State {
        var jobs: [@Sendable (GPUDesk) -> Void] = []
        var isRunning = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let patience: @Sendable () async -> Void
    private let make: @Sendable () -> GPUDesk

    /// A thread that does not run yet.
    ///
    /// - Parameters:
    ///   - patience: Returns once an asker is to wait no longer.
    ///   - make: Makes the desk, on the thread.
    init(patience: @escaping @Sendable () async -> Void, make: @escaping @Sendable () -> GPUDesk) {
        self.patience = patience
        self.make = make
    }

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - isChange: Whether it changes something, so that a question that was begun and not answered may still.
    ///   - work: The question, asked on the thread.
    /// - Returns: What `work` returns.
    /// - Throws: What `work` throws; `unavailable` or, for a change that was begun, `unknown` after the deadline.
    func ask<Value: Sendable>(
        isChange: Bool,
        _ work: @escaping @Sendable (GPUDesk) throws(ActuatorError) -> Value
    ) async throws(ActuatorError) -> Value {
        let ticket = GPUTicket<Value>()
        let isTaken = submit { desk in
            guard ticket.begin() else { return }
            do throws(ActuatorError) {
                ticket.settle(.success(try work(desk)))
            } catch {
                ticket.settle(.failure(error))
            }
        }
        guard isTaken else { throw .unavailable("NVML has \(Self.mostWaiting) questions to answer first") }
        let result = await withTaskGroup(of: Void.self) { [patience] group in
            group.addTask {
                // Where the asker is cancelled this ends early, and so does the wait.
                await patience()
                ticket.expire(isChange: isChange)
            }
            let result = await ticket.result()
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    /// Hands a job to the thread, which is started where it does not run; `false` where too many wait.
    private func submit(_ job: @escaping @Sendable (GPUDesk) -> Void) -> Bool {
        let (isTaken, isNew) = state.withLock { state in
            guard state.jobs.count < Self.mostWaiting else { return (false, false) }
            state.jobs.append(job)
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        if isNew {
            let thread = Thread { [self] in run() }
            thread.stackSize = 512 << 10
            thread.start()
        }
        wake.signal()
        return isTaken
    }

    /// Does what there is to do until nothing is left for a while.
    private func run() {
        let desk = make()
        while true {
            let isWoken = wake.wait(timeout: .now() + Self.rest) == .success
            let job = state.withLock { state -> (@Sendable (GPUDesk) -> Void)? in
                guard state.jobs.isEmpty else { return state.jobs.removeFirst() }
                if !isWoken { state.isRunning = false }
                return nil
            }
            if let job { job(desk) } else if !isWoken { return }
        }
    }
}

/// One question to NVML and its answer.
private final class GPUTicket<Value: Sendable>: Sendable {
    private struct State {
        var isBegun = false
        var result: Result<Value, ActuatorError>?
        var waiter: CheckedContinuation<Result<Value, ActuatorError>, Never>?
    }

    private let state = Mutex(State())

    /// Marks it as begun; `false` where nobody waits for it any more.
    func begin() -> Bool {
        state.withLock { state in
            guard state.result == nil else { return false }
            state.isBegun = true
            return true
        }
    }

    /// Gives the answer; only the first counts.
    func settle(_ result: Result<Value, ActuatorError>) { settle { _ in result } }

    private func settle(_ make: (_ isBegun: Bool) -> Result<Value, ActuatorError>) {
        let (waiter, result) = state.withLock { state in
            let result = state.result ?? make(state.isBegun)
            state.result = result
            defer { state.waiter = nil }
            return (state.waiter, result)
        }
        waiter?.resume(returning: result)
    }

    /// Ends the wait.
    func expire(isChange: Bool) {
        let text = "NVML has not answered"
        settle { isBegun in .failure(isChange && isBegun ? .unknown(text) : .unavailable(text)) }
    }

    /// Waits for the answer; asked for once.
    func result() async -> Result<Value, ActuatorError> {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Result<Value, ActuatorError>? in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
