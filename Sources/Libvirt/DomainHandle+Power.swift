internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Whether its vCPUs run, and why not; blocks.
    ///
    /// The corresponding C function is `virDomainGetState`.
    borrowing func powerState() throws(LibvirtError) -> PowerState {
        let context = CallContext("virDomainGetState", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var state: Int32 = 0
            var reason: Int32 = 0
            // SAFETY: libvirt writes two numbers.
            try context.check(unsafe virDomainGetState(domain, &state, &reason, 0))
            return PowerState(state: state, reason: reason)
        }
    }

    /// Suspends it, or resumes it where a call to suspend has paused it; refuses while something else has stopped it;
    /// blocks.
    ///
    /// The corresponding C functions are `virDomainSuspend` and `virDomainResume`.
    borrowing func setPower(_ wanted: PowerState) throws(LibvirtError) {
        let context = CallContext(wanted == .running ? "virDomainResume" : "virDomainSuspend", uuid)
        let now = try powerState()
        if now == wanted { return }
        if case .other(let text) = now { throw context.failure(.operationInvalid, "it is \(text)") }
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: the domain lives for the call.
            switch wanted {
            case .running: try context.check(unsafe virDomainResume(domain))
            case .paused: try context.check(unsafe virDomainSuspend(domain))
            case .other(let text): throw context.failure(.invalidArgument, "nothing makes it \(text)")
            }
        }
    }
}
