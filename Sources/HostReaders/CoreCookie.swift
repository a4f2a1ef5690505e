internal import CKernel
internal import Glibc

/// The cookie of core scheduling that a thread has: only threads of the same cookie run on one core at once
/// (`admin-guide/hw-vuln/core-scheduling`).
public enum CoreCookie: Hashable, Sendable {
    /// This cookie; 0 for none. The kernel shows a hash of it, good for comparing alone.
    case cookie(UInt64)
    /// The kernel has no core scheduling, or no core of this host has several threads.
    case unsupported
    /// The thread is gone.
    case gone
    /// It cannot be told, with this `errno`; `EPERM` for a caller who may not trace the thread.
    case failed(Int32)

    /// Asks for the cookie of a thread.
    ///
    /// The corresponding C function is `prctl` with `PR_SCHED_CORE_GET`.
    ///
    /// - Parameter thread: The thread.
    /// - Returns: Its cookie, or why it cannot be told.
    @Sendable public static func of(_ thread: Int32) -> CoreCookie {
        var cookie: UInt64 = 0
        // SAFETY: one number is written during the call.
        switch unsafe quell_core_cookie(thread, &cookie) {
        case 0: return .cookie(cookie)
        case EINVAL, ENODEV: return .unsupported
        case ESRCH: return .gone
        case let code: return .failed(code)
        }
    }
}
