import Foundation
import Synchronization

/// Asynchronous calls from this program, which is one thread that goes step by step.
enum Blocking {
    /// Where a call leaves its value.
    private final class Slot<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// Makes a call and waits for its end.
    ///
    /// - Parameters:
    ///   - what: What is waited for, for the error.
    ///   - limit: The longest wait in seconds.
    ///   - call: The call.
    /// - Returns: What it returns.
    /// - Throws: ``BedError/late(what:seconds:)`` or ``BedError/interrupted``.
    static func call<Value: Sendable>(
        _ what: String,
        limit: Double = 60,
        _ call: @escaping @Sendable () async -> Value
    ) throws(BedError) -> Value {
        let slot = Slot<Value>()
        let task = Task { @concurrent in
            let value = await call()
            slot.value.withLock { $0 = value }
        }
        do throws(BedError) {
            try Wait.until(what, limit: limit, step: 0.002) { () throws(BedError) in
                slot.value.withLock { $0 != nil }
            }
        } catch {
            task.cancel()
            throw error
        }
        guard let value = slot.value.withLock({ $0 }) else { throw .missing("\(what): no value") }
        return value
    }
}
