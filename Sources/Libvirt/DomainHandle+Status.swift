internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Whether the domain runs; blocks.
    ///
    /// The corresponding C function is `virDomainGetState`.
    borrowing func power() throws(LibvirtError) -> DomainPower {
        let context = CallContext("virDomainGetState", uuid)
        var state: Int32 = 0
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            // SAFETY: libvirt writes one number; the reason is not asked for.
            try context.check(unsafe virDomainGetState(domain, &state, nil, 0))
        }
        return DomainPower(number: Int64(state))
    }

    /// The job under way; blocks.
    ///
    /// A driver that knows no jobs has none under way. The corresponding C function is `virDomainGetJobStats`.
    borrowing func job() throws(LibvirtError) -> DomainJob {
        let context = CallContext("virDomainGetJobStats", uuid)
        return try unsafe withPointer { domain throws(LibvirtError) in
            var type: Int32 = 0
            var list: virTypedParameterPtr?
            var count: Int32 = 0
            // SAFETY: libvirt allocates the list, which is owned and freed below.
            let status = unsafe virDomainGetJobStats(domain, &type, &list, &count, 0)
            guard status >= 0 else {
                let failure = context.lastFailure()
                if failure.code == .unsupported { return .none }
                throw failure
            }
            let parameters = unsafe TypedParameters(owning: list, count: count)
            let operation = parameters.value(VIR_DOMAIN_JOB_OPERATION)?.signed.flatMap { Int32(exactly: $0) }
            return DomainJob(type: type, operation: operation)
        }
    }
}
