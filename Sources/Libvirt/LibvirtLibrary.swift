internal import CLibvirt
internal import Glibc

/// libvirt as a library in this process: initialised once, silent, with a thread for its events.
enum LibvirtLibrary {
    /// Why the library cannot be used, or `nil`.
    ///
    /// The first look initialises it.
    static let failure: LibvirtError? = start()

    /// Initialises libvirt.
    ///
    /// The event implementation must be registered before the first connection is opened, and its loop then runs for
    /// the life of the process, as libvirt has no way to unregister it.
    private static func start() -> LibvirtError? {
        // SAFETY: the handler ignores its arguments; without one libvirt prints every error to standard error.
        unsafe virSetErrorFunc(nil) { _, _ in }
        let initialised = virInitialize()
        guard initialised == 0 else { return CallContext("virInitialize").lastFailure() }
        guard virEventRegisterDefaultImpl() == 0 else {
            return CallContext("virEventRegisterDefaultImpl").lastFailure()
        }
        let started = BlockingThread.start {
            while true {
                // A loop that fails at once must not burn a CPU; libvirt gives no way to wait for it to recover.
                if virEventRunDefaultImpl() < 0 { usleep(100_000) }
            }
        }
        return started ? nil : CallContext("pthread_create").failure(.busy, "the system gives no thread for events")
    }
}
