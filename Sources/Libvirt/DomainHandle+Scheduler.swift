internal import CLibvirt
internal import Signals

extension DomainHandle {
    /// Numbers that mean no limit, tried in this order.
    ///
    /// libvirt takes −1 on cgroup v1, and on v2 since it writes `max` itself; older ones on v2 only take the largest
    /// number that they know, which was 2^64/1000 before it became 2^64/2^20.
    static let unlimitedQuotas: [Int64] = [-1, 18_446_744_073_709_551, VCPUQuota.unlimitedFrom]

    /// The quota of some of its threads that is in force; blocks.
    borrowing func quota(of threads: DomainThreads) throws(LibvirtError) -> VCPUQuota {
        let values = try scheduler()
        guard let period = values[threads.period]?.count, let quota = values[threads.quota]?.signed else {
            throw CallContext(Self.schedulerGetter, uuid).failure(.unsupported, "the driver has no \(threads.quota)")
        }
        return VCPUQuota(period: period, quota: quota)
    }

    /// Sets the quota of some of its threads and nothing else; blocks.
    borrowing func setQuota(_ quota: VCPUQuota, of threads: DomainThreads) throws(LibvirtError) {
        let period = NamedSetting(threads.period, .ulong(quota.period))
        if let limit = quota.quota { return try setScheduler([period, NamedSetting(threads.quota, .long(limit))]) }
        var failure: LibvirtError?
        for number in Self.unlimitedQuotas {
            do {
                return try setScheduler([period, NamedSetting(threads.quota, .long(number))])
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

    /// The CPU weight in force; blocks.
    borrowing func cpuShares() throws(LibvirtError) -> UInt64 {
        guard let shares = try scheduler()[VIR_DOMAIN_SCHEDULER_CPU_SHARES]?.count else {
            throw CallContext(Self.schedulerGetter, uuid).failure(.unsupported, "the driver has no CPU weight")
        }
        return shares
    }

    /// Sets the CPU weight and nothing else; blocks.
    borrowing func setCPUShares(_ shares: UInt64) throws(LibvirtError) {
        try setScheduler([NamedSetting(VIR_DOMAIN_SCHEDULER_CPU_SHARES, .ulong(shares))])
    }

    private static let schedulerGetter = "virDomainGetSchedulerParametersFlags"

    private borrowing func scheduler() throws(LibvirtError) -> [String: TypedValue] {
        try unsafe parameters(Self.schedulerGetter) { domain, list, count, flags in
            // SAFETY: the domain and the list live for the call; the same below.
            unsafe virDomainGetSchedulerParametersFlags(domain, list, count, flags)
        }
    }

    private borrowing func setScheduler(_ settings: [NamedSetting]) throws(LibvirtError) {
        try unsafe set("virDomainSetSchedulerParametersFlags", settings) { domain, list, count, flags in
            unsafe virDomainSetSchedulerParametersFlags(domain, list, count, flags)
        }
    }
}

extension DomainThreads {
    /// What libvirt calls the period of these threads.
    var period: String {
        switch self {
        case .vcpus: VIR_DOMAIN_SCHEDULER_VCPU_PERIOD
        case .emulator: VIR_DOMAIN_SCHEDULER_EMULATOR_PERIOD
        case .iothreads: VIR_DOMAIN_SCHEDULER_IOTHREAD_PERIOD
        }
    }

    /// What libvirt calls the quota of these threads.
    var quota: String {
        switch self {
        case .vcpus: VIR_DOMAIN_SCHEDULER_VCPU_QUOTA
        case .emulator: VIR_DOMAIN_SCHEDULER_EMULATOR_QUOTA
        case .iothreads: VIR_DOMAIN_SCHEDULER_IOTHREAD_QUOTA
        }
    }
}
