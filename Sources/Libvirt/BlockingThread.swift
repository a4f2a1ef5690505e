internal import Glibc

/// A thread of its own for work that blocks.
enum BlockingThread {
    /// What the thread runs, boxed so that it passes through C.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; `false` where the system has none to give.
    ///
    /// The corresponding C function is `pthread_create`.
    static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
        // SAFETY: the box is retained for the thread, which takes it over; on failure it is released here.
        let box = unsafe Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                if let argument = unsafe argument {
                    let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                    body.run()
                }
                return nil
            },
            box.toOpaque()
        )
        guard status == 0 else {
            unsafe box.release()
            return false
        }
        _ = pthread_detach(thread)
        return true
    }
}
