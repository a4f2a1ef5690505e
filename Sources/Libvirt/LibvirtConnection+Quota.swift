public import Signals

extension LibvirtConnection {
    /// Reads the vCPU quota that is in force on a running domain.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: The quota of each of its vCPUs.
    /// - Throws: ``LibvirtError``; `unsupported` where the driver or the host has no CPU bandwidth control.
    public func quota(of uuid: VMUUID) async throws(LibvirtError) -> VCPUQuota {
        try await call("virDomainGetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.quota()
        }
    }

    /// Sets the vCPU quota of a running domain; its stored description stays as it is.
    ///
    /// Only `vcpu_period` and `vcpu_quota` are set. The quotas of the emulator, of the I/O threads and of the whole
    /// domain are never touched.
    ///
    /// - Parameters:
    ///   - quota: The quota of each of its vCPUs.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; where ``LibvirtError/outcomeUnknown`` the quota may be in force all the same, now or
    ///   later, so read it back.
    public func setQuota(_ quota: VCPUQuota, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetSchedulerParametersFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setQuota(quota)
        }
    }
}
