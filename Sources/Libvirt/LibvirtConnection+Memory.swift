public import Signals

extension LibvirtConnection {
    /// Reads the soft limit of a running domain's memory: `memory.soft_limit_in_bytes` on cgroup v1, `memory.high` on
    /// v2.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: The limit in bytes, a multiple of 1,024; `nil` for none.
    /// - Throws: ``LibvirtError``; `operationInvalid` where the memory controller is not mounted.
    public func memorySoftLimit(of uuid: VMUUID) async throws(LibvirtError) -> UInt64? {
        try await call("virDomainGetMemoryParameters", on: uuid) { (domain) throws(LibvirtError) in
            try domain.memorySoftLimit()
        }
    }

    /// Sets the soft limit of a running domain's memory.
    ///
    /// - Parameters:
    ///   - bytes: The limit in bytes, which the kernel rounds down to whole pages; `nil` for none.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``.
    public func setMemorySoftLimit(_ bytes: UInt64?, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetMemoryParameters", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setMemorySoftLimit(bytes)
        }
    }

    /// Reads how much memory the balloon leaves to a running domain.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: Bytes now: what the guest has got to, not what it was asked for.
    /// - Throws: ``LibvirtError``.
    public func balloon(of uuid: VMUUID) async throws(LibvirtError) -> UInt64 {
        try await call("virDomainGetInfo", on: uuid) { (domain) throws(LibvirtError) in try domain.balloon() }
    }

    /// Asks the balloon of a running domain to leave it so much memory; the guest follows in its own time, or never.
    ///
    /// - Parameters:
    ///   - bytes: Bytes, which the guest rounds up to whole pages.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; `invalidArgument` beyond the memory that it may have at most.
    public func setBalloon(_ bytes: UInt64, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainSetMemoryFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setBalloon(bytes)
        }
    }
}
