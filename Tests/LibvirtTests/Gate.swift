import Signals
import Synchronization

@testable import Libvirt

/// A place where a worker thread blocks until a test lets it go on.
final class Gate: Sendable {
    private let monitor = Monitor(false)
    private let arrivals: AsyncStream<Void>
    private let arrive: AsyncStream<Void>.Continuation

    init() {
        (arrivals, arrive) = AsyncStream.makeStream()
    }

    /// Blocks the thread until the gate is open.
    func pass() {
        arrive.yield()
        monitor.wait { $0 ? () : nil }
    }

    /// Lets everybody go on, now and later.
    func open() {
        monitor.update { $0 = true }
    }

    /// Waits until so many more threads have come to the gate.
    func arrivals(_ count: Int) async {
        var left = count
        guard left > 0 else { return }
        for await _ in arrivals {
            left -= 1
            if left == 0 { return }
        }
    }
}

/// Waits until something becomes true that another thread makes true, giving way in between.
func eventually(_ condition: @Sendable () -> Bool) async {
    while !condition() { await Task.yield() }
}

/// A fresh VM for each number.
func vm(_ number: UInt64) -> VMUUID { VMUUID(high: 0x5155_454c_4c00_0000, low: number) }

/// The kind of failure with which a call ends; `nil` when it ends well.
@concurrent func code(_ call: @Sendable () async throws -> Void) async -> LibvirtError.Code? {
    do {
        try await call()
        return nil
    } catch {
        return (error as? LibvirtError)?.code
    }
}

/// A flag that any thread may set.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
