public import Signals

extension LibvirtConnection {
    /// Tells whether the link of an interface of a running domain is up.
    ///
    /// - Parameters:
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Returns: Whether it is.
    /// - Throws: ``LibvirtError``; `invalidArgument` where it has no such interface.
    public func isLinkUp(_ device: String, of uuid: VMUUID) async throws(LibvirtError) -> Bool {
        try await call("virDomainGetXMLDesc", on: uuid) { (domain) throws(LibvirtError) in
            try domain.interface(device).isUp
        }
    }

    /// Sets the link of an interface of a running domain up or down, as the guest sees it.
    ///
    /// - Parameters:
    ///   - isUp: Whether it is to be up.
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``.
    public func setLink(_ isUp: Bool, _ device: String, of uuid: VMUUID) async throws(LibvirtError) {
        try await call("virDomainUpdateDeviceFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setLink(isUp, device)
        }
    }

    /// Tells the network filter of an interface of a running domain.
    ///
    /// - Parameters:
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Returns: The filter; `nil` for none.
    /// - Throws: ``LibvirtError``; `invalidArgument` where it has no such interface.
    public func networkFilter(_ device: String, of uuid: VMUUID) async throws(LibvirtError) -> NetworkFilter? {
        try await call("virDomainGetXMLDesc", on: uuid) { (domain) throws(LibvirtError) in
            try domain.interface(device).filter
        }
    }

    /// Sets the network filter of an interface of a running domain.
    ///
    /// ``NetworkFilter/isolate`` is defined in libvirt where it is missing.
    ///
    /// - Parameters:
    ///   - filter: The filter; `nil` to take it off.
    ///   - device: The host's device of the interface.
    ///   - uuid: The domain.
    /// - Throws: ``LibvirtError``; `unsupported` where libvirt has no filter of this name.
    public func setNetworkFilter(
        _ filter: NetworkFilter?,
        _ device: String,
        of uuid: VMUUID
    ) async throws(LibvirtError) {
        if let filter {
            try await call(CallContext("virNWFilterDefineXML")) { (connection) throws(LibvirtError) in
                try connection.provideFilter(filter.name)
            }
        }
        try await call("virDomainUpdateDeviceFlags", on: uuid) { (domain) throws(LibvirtError) in
            try domain.setFilter(filter, device)
        }
    }

    /// Removes Quell's own filter from libvirt, where it is defined.
    ///
    /// - Throws: ``LibvirtError``; libvirt refuses while an interface has it.
    public func removeIsolationFilter() async throws(LibvirtError) {
        try await call(CallContext("virNWFilterUndefine")) { (connection) throws(LibvirtError) in
            try connection.removeIsolation()
        }
    }
}
