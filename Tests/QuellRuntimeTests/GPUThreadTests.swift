import Enforcement
import Foundation
import HostReaders
import Synchronization
import Testing

@testable import QuellRuntime

@Suite("The thread that NVML is asked on")
struct GPUThreadTests {
    /// A thread whose askers wait until the given stream has an element, and that opens nothing.
    private func thread(_ patience: AsyncStream<Void>) -> GPUThread {
        GPUThread(patience: { for await _ in patience { return } }) {
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
        let (stream, impatience) = AsyncStream.makeStream(of: Void.self)
        let thread = thread(stream)
        for (isChange, expected) in [
            (true, ActuatorError.unknown("NVML has not answered")), (false, .unavailable("NVML has not answered")),
        ] {
            let gate = DispatchSemaphore(value: 0)
            let error = await failure(thread, isChange: isChange) { _ in
                // The asker loses its patience once this has begun.
                impatience.yield()
                gate.wait()
            }
            #expect(error == expected)
            let isBegun = Mutex(false)
            impatience.yield()
            let waiting = await failure(thread, isChange: true) { _ in isBegun.withLock { $0 = true } }
            #expect(waiting == .unavailable("NVML has not answered"))
            gate.signal()
            #expect(await failure(thread, isChange: true) { _ in } == nil)
            #expect(!isBegun.withLock { $0 })
        }
    }

    @Test("what a question throws reaches its asker, and the next one is answered")
    func failing() async throws {
        let thread = thread(AsyncStream.makeStream(of: Void.self).stream)
        let error = await failure(thread, isChange: true) { _ throws(ActuatorError) in throw .partGone("x") }
        #expect(error == .partGone("x"))
        let value = try await thread.ask(isChange: false) { _ throws(ActuatorError) in 7 }
        #expect(value == 7)
    }
}
