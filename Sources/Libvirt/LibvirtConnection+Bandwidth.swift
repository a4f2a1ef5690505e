public import Signals

extension LibvirtConnection {
    /// Reads the limit of one direction of an interface of a running domain.
    ///
    /// libvirt tells what it has set, not what the kernel has: what others change with `tc` does not show.
    ///
    /// - Parameters:
    ///   - direction: The direction.
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Returns: The limit.
    /// - Throws: ``LibvirtError``; `invalidArgument` where it has no such interface.
    public func bandwidth(
        _ direction: InterfaceDirection,
        _ device: String,
        of uuid: VMUUID
    ) async throws(LibvirtError) -> Bandwidth {
        try await call("virDomainGetInterfaceParameters", on: uuid) { (domain) throws(LibvirtError) in
            try domain.bandwidth(direction, device)
        }
    }

    /// Sets the limit of one direction of an interface of a running domain; the other direction stays.
    ///
    /// - Parameters:
    ///   - bandwidth: The limit.
    ///   - direction: The direction.
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; nothing has changed then unless ``LibvirtError/outcomeUnknown``.
    public func setBandwidth(
        _ bandwidth: Bandwidth,
        _ direction: InterfaceDirection,
        _ device: String,
        of uuid: VMUUID
    ) async throws(LibvirtError) {
        try await call("virDomainSetInterfaceParameters", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setBandwidth(bandwidth, direction, device)
        }
    }
}
