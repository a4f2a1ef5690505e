internal import Foundation

/// Does what blocks on a thread of its own: the threads that tests and their tasks share are few, and a server under test
/// needs one of them to answer.
///
/// - Parameter body: What blocks.
/// - Returns: What it gives.
/// - Throws: What it throws.
public func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { done in
        Thread { done.resume(with: Result(catching: body)) }.start()
    }
}
