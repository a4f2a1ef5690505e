internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Room for scheduler parameters; the remote protocol takes no more.
    private static let schedulerParameters: Int32 = 16

    /// Numbers that mean no limit, tried in this order.
    ///
    /// libvirt takes −1 on cgroup v1, and on v2 since it writes `max` itself; older ones on v2 only take the largest
    /// number that they know, which was 2^64/1000 before it became 2^64/2^20.
    static let unlimitedQuotas: [Int64] = [-1, 18_446_744_073_709_551, VCPUQuota.unlimitedFrom]

    /// The vCPU quota in force; blocks.
    ///
    /// The corresponding C function is `virDomainGetSchedulerParametersFlags`.
    borrowing func quota() throws(LibvirtError) -> VCPUQuota {
        let context = CallContext("virDomainGetSchedulerParametersFlags", uuid)
        var period: UInt64?
        var quota: Int64?
        try unsafe withPointer { domain throws(LibvirtError) in
            var count = Self.schedulerParameters
            var list = unsafe [virTypedParameter](repeating: virTypedParameter(), count: Int(count))
            // SAFETY: libvirt writes at most `count` values and says how many; numbers alone, so nothing is to be
            // freed.
            try unsafe list.withUnsafeMutableBufferPointer { list throws(LibvirtError) in
                try context.check(
                    unsafe virDomainGetSchedulerParametersFlags(
                        domain,
                        list.baseAddress,
                        &count,
                        VIR_DOMAIN_AFFECT_LIVE.rawValue
                    )
                )
                unsafe TypedParameters.forEach(list.baseAddress, min(count, Self.schedulerParameters)) { name, value in
                    if name == VIR_DOMAIN_SCHEDULER_VCPU_PERIOD { period = value.count }
                    if name == VIR_DOMAIN_SCHEDULER_VCPU_QUOTA { quota = value.signed }
                }
            }
        }
        guard let period, let quota else { throw context.failure(.unsupported, "the driver has no vCPU quota") }
        return VCPUQuota(period: period, quota: quota)
    }

    /// Sets the vCPU quota of the running domain and nothing else; blocks.
    ///
    /// The corresponding C function is `virDomainSetSchedulerParametersFlags`.
    borrowing func setQuota(_ quota: VCPUQuota) throws(LibvirtError) {
        if let limit = quota.quota { return try set(period: quota.period, quota: limit) }
        var failure: LibvirtError?
        for number in Self.unlimitedQuotas {
            do {
                return try set(period: quota.period, quota: number)
            } catch {
                switch error.code {
                case .invalidArgument, .other: failure = failure ?? error
                case .noDomain, .operationInvalid, .denied, .unsupported, .timedOut, .agentBusy, .resourceBusy,
                    .malformed, .disconnected, .deadline, .busy, .circuitOpen, .cancelled:
                    throw error
                }
            }
        }
        if let failure { throw failure }
    }

    private borrowing func set(period: UInt64, quota: Int64) throws(LibvirtError) {
        let context = CallContext("virDomainSetSchedulerParametersFlags", uuid)
        var list: virTypedParameterPtr?
        var count: Int32 = 0
        var room: Int32 = 0
        // SAFETY: libvirt grows the list and keeps both counts; it is owned and freed once filled, or as far as it got.
        let added =
            unsafe virTypedParamsAddULLong(&list, &count, &room, VIR_DOMAIN_SCHEDULER_VCPU_PERIOD, period) == 0
            && virTypedParamsAddLLong(&list, &count, &room, VIR_DOMAIN_SCHEDULER_VCPU_QUOTA, quota) == 0
        let (pointer, length) = unsafe (list, count)
        let parameters = unsafe TypedParameters(owning: pointer, count: length)
        guard added else { throw context.lastFailure() }
        _ = try unsafe withPointer { domain throws(LibvirtError) in
            try context.check(
                unsafe virDomainSetSchedulerParametersFlags(domain, pointer, length, VIR_DOMAIN_AFFECT_LIVE.rawValue)
            )
        }
        _ = consume parameters
    }
}
