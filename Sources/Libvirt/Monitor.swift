internal import Glibc

/// A mutex with a condition variable around some state, for threads that block; tasks never wait in it.
///
/// It is `@unchecked Sendable` because every access to the state happens with the mutex held, and the two pointers are
/// set once and freed when nobody refers to it any more.
@safe final class Monitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    /// Wraps the state.
    init(_ state: sending State) {
        self.state = state
        // SAFETY: pthread objects must not move, so they live in memory of their own until deinit.
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        // SAFETY: the last reference is gone, so no thread holds the mutex or waits.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Works on the state and wakes every thread that waits for it to change.
    func update<Result>(_ body: (inout State) -> Result) -> Result {
        // SAFETY: both objects were initialised in init and live as long as self.
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&state)
    }

    /// Blocks the thread until `body` has an answer, asking again after each ``update(_:)``.
    func wait<Result>(_ body: (inout State) -> Result?) -> Result {
        // SAFETY: both objects were initialised in init and live as long as self; the wait releases the mutex.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
