public import Signals

extension LibvirtConnection {
    /// Reads the CPU quota that is in force on threads of a running domain.
    ///
    /// - Parameters:
    ///   - uuid: The domain.
    ///   - threads: Which of its threads.
    /// - Returns: The quota of each vCPU, of the emulator threads together, or of each I/O thread; that of the whole
    ///   domain where it has no I/O threads.
    /// - Throws: ``LibvirtError``; `unsupported` where the driver or the host has no CPU bandwidth control.
    public func quota(
        of uuid: VMUUID,
        threads: DomainThreads = .vcpus
    ) async throws(LibvirtError) -> VCPUQuota {
        try await call("virDomainGetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.quota(of: threads)
        }
    }

    /// Sets the CPU quota of threads of a running domain; its stored description stays as it is.
    ///
    /// The quotas of its other threads and of the whole domain are never touched.
    ///
    /// - Parameters:
    ///   - quota: The quota of each vCPU, of the emulator threads together, or of each I/O thread.
    ///   - uuid: The domain.
    ///   - threads: Which of its threads.
    /// - Throws: ``LibvirtError``; where ``LibvirtError/outcomeUnknown`` the quota may be in force all the same, now or
    ///   later, so read it back.
    public func setQuota(
        _ quota: VCPUQuota,
        of uuid: VMUUID,
        threads: DomainThreads = .vcpus
    ) async throws(LibvirtError) {
        try await call("virDomainSetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setQuota(quota, of: threads)
        }
    }

    /// Reads the CPU weight of a running domain.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: The weight: 1 to 10,000 on cgroup v2, where 100 is usual, and 2 to 262,144 on v1, where 1,024 is.
    /// - Throws: ``LibvirtError``.
    public func cpuShares(of uuid: VMUUID) async throws(LibvirtError) -> UInt64 {
        try await call("virDomainGetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.cpuShares()
        }
    }

    /// Sets the CPU weight of a running domain.
    ///
    /// - Parameters:
    ///   - shares: The weight: 1 to 10,000 on cgroup v2, 2 to 262,144 on v1.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; `invalidArgument` beyond these bounds.
    public func setCPUShares(_ shares: UInt64, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setCPUShares(shares)
        }
    }
}
