internal import CLibvirt
internal import Glibc
public import Signals

extension LibvirtConnection {
    /// Finds a domain by its name, whether it runs or not.
    ///
    /// - Parameter name: The name.
    /// - Returns: Its UUID; `nil` where libvirt knows none of that name.
    /// - Throws: ``LibvirtError``.
    public func domain(named name: String) async throws(LibvirtError) -> VMUUID? {
        do throws(LibvirtError) {
            return try await call(CallContext("virDomainLookupByName")) { (connection) throws(LibvirtError) in
                try connection.domain(named: name)
            }
        } catch  where error.code == .noDomain {
            return nil
        }
    }

    /// The UUIDs of all domains that libvirt knows, whether they run or not.
    ///
    /// - Returns: The UUIDs.
    /// - Throws: ``LibvirtError`` when the domains cannot be listed.
    public func allDomains() async throws(LibvirtError) -> [VMUUID] {
        try await call(CallContext("virConnectListAllDomains")) { (connection) throws(LibvirtError) in
            try connection.allDomains()
        }
    }
}

extension ConnectionHandle {
    /// The UUID of the domain of a name; blocks.
    ///
    /// The corresponding C function is `virDomainLookupByName`.
    fileprivate func domain(named name: String) throws(LibvirtError) -> VMUUID {
        let context = CallContext("virDomainLookupByName")
        return try unsafe withPointer { pointer throws(LibvirtError) in
            // SAFETY: the name lives for the call; the reference that comes back is freed at once.
            guard let domain = unsafe virDomainLookupByName(pointer, name) else { throw context.lastFailure() }
            defer { _ = unsafe virDomainFree(domain) }
            guard let uuid = unsafe VMUUID(domain: domain) else { throw context.lastFailure() }
            return uuid
        }
    }

    /// The UUIDs of all domains; blocks.
    ///
    /// The corresponding C function is `virConnectListAllDomains`.
    fileprivate func allDomains() throws(LibvirtError) -> [VMUUID] {
        let context = CallContext("virConnectListAllDomains")
        return try unsafe withPointer { pointer throws(LibvirtError) in
            var list: UnsafeMutablePointer<virDomainPtr?>?
            // SAFETY: libvirt allocates the list and hands each domain's reference over; both are freed below.
            let count = try context.check(unsafe virConnectListAllDomains(pointer, &list, 0))
            guard let list = unsafe list else { return [] }
            var uuids: [VMUUID] = []
            for index in 0..<Int(count) {
                guard let domain = unsafe list[index] else { continue }
                if let uuid = unsafe VMUUID(domain: domain) { uuids.append(uuid) }
                _ = unsafe virDomainFree(domain)
            }
            unsafe free(list)
            return uuids
        }
    }
}
