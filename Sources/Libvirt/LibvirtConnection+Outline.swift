internal import CLibvirt
public import Signals

extension LibvirtConnection {
    /// What libvirt tells of a domain without its XML: its name, its number, its vCPUs and its memory.
    ///
    /// For a domain whose XML is larger than ``DomainDescription/sizeLimit`` or cannot be read: whoever wrote it must not
    /// be able to hide the domain. Tenant, class, disks and interfaces are unknown then.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: What is known.
    /// - Throws: ``LibvirtError``; `noDomain` when it is gone.
    public func outline(_ uuid: VMUUID) async throws(LibvirtError) -> DomainDescription {
        try await call("virDomainGetInfo", on: uuid) { (domain) throws(LibvirtError) in try domain.outline() }
    }
}

extension DomainHandle {
    /// What libvirt tells of the domain without its XML; blocks.
    ///
    /// The corresponding C functions are `virDomainGetInfo`, `virDomainGetName` and `virDomainGetID`.
    borrowing func outline() throws(LibvirtError) -> DomainDescription {
        let context = CallContext("virDomainGetInfo", uuid)
        let uuid = uuid
        return try unsafe withPointer { domain throws(LibvirtError) in
            var info = virDomainInfo()
            // SAFETY: libvirt fills one record; the name belongs to the domain, which lives through the closure.
            try context.check(unsafe virDomainGetInfo(domain, &info))
            guard let text = unsafe virDomainGetName(domain) else { throw context.lastFailure() }
            let name = unsafe DomainFacts.label(String(cString: text))
            let id = unsafe Int32(truncatingIfNeeded: virDomainGetID(domain))
            var outline = DomainDescription(
                uuid: uuid,
                id: id,
                name: name.isEmpty ? uuid.description : name,
                vcpus: Int(info.nrVirtCpu)
            )
            outline.memory = UInt64(info.maxMem) << 10
            return outline
        }
    }
}
