import Enforcement
import Foundation
import HostReaders
import Synchronization
import Testing

@testable import QuellRuntime

@Suite("The thread that NVML is asked on")
struct GPUThreadTests {
    /// Lets one asker after another wait until it is told that there is no time left.
    private final class Patience: Sendable {
        private struct State {
            var isOver = false
            var waiter: AsyncStream<Void>.Continuation?
        }

        private let state = Mutex(State())

        func wait() async {
            let (stream, waiter) = AsyncStream.makeStream(of: Void.self)
            let isOver = state.withLock { state in
                defer { state.isOver = false }
                state.waiter = state.isOver ? nil : waiter
                return state.isOver
            }
            if isOver { return }
            for await _ in stream { break }
            state.withLock { $0.waiter = nil }
        }

        /// Ends the wait of this asker, or of the next one where none waits.
        func end() {
            state.withLock { state in
                if let waiter = state.waiter { waiter.yield() } else { state.isOver = true }
            }
        }
    }

    /// A thread that opens nothing.
    private func thread(_ patience: Patience) -> GPUThread {
        GPUThread(patience: { await patience.wait() }) {
            GPUDesk(roots: HostRoots(tree: "/nowhere"), library: "/nowhere/none.so")
        }
    }

    /// What a question throws.
    private func failure(
        _ thread: GPUThread,
        isChange: Bool,
        _ work: @escaping @Sendable (GPUDesk) throws(ActuatorError) -> Void
    ) async -> ActuatorError? {
        do throws(ActuatorError) {
            try await thread.ask(isChange: isChange, work)
            return nil
        } catch {
            return error
        }
    }

    @Test("a change that was begun and not answered may still come, a look gave nothing, and what waits is never begun")
    func hanging() async throws {
        let patience = Patience()
        let thread = thread(patience)
        for (isChange, expected) in [
            (true, ActuatorError.unknown("NVML has not answered")), (false, .unavailable("NVML has not answered")),
        ] {
            let gate = DispatchSemaphore(value: 0)
            let error = await failure(thread, isChange: isChange) { _ in
                // The asker loses its patience once this has begun.
                patience.end()
                gate.wait()
            }
            #expect(error == expected)
            let isBegun = Mutex(false)
            patience.end()
            let waiting = await failure(thread, isChange: true) { _ in isBegun.withLock { $0 = true } }
            #expect(waiting == .unavailable("NVML has not answered"))
            gate.signal()
            #expect(await failure(thread, isChange: true) { _ in } == nil)
            #expect(!isBegun.withLock { $0 })
        }
    }

    @Test("what a question throws reaches its asker, and the next one is answered")
    func failing() async throws {
        let thread = thread(Patience())
        let error = await failure(thread, isChange: true) { _ throws(ActuatorError) in throw .partGone("x") }
        #expect(error == .partGone("x"))
        let value = try await thread.ask(isChange: false) { _ throws(ActuatorError) in 7 }
        #expect(value == 7)
    }
}
