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

    /// Describes every domain that libvirt knows, whether it runs or not.
    ///
    /// - Returns: The domains that could be described, and why the others could not.
    /// - Throws: ``LibvirtError`` when the domains cannot be listed at all.
    public func definitions() async throws(LibvirtError) -> DomainListing {
        let uuids = try await call(CallContext("virConnectListAllDomains")) { (connection) throws(LibvirtError) in
            try connection.allDomains()
        }
        var listing = DomainListing(domains: [], failures: [:])
        for uuid in uuids {
            do throws(LibvirtError) {
                listing.domains.append(try await domain(uuid))
            } catch {
                if error.code == .disconnected || error.code == .cancelled { throw error }
                if error.code != .noDomain { listing.failures[uuid] = error }
            }
        }
        return listing
    }

    /// Overwrites a storage volume once with zeros; it may take hours.
    ///
    /// - Parameters:
    ///   - path: The volume's path, in a storage pool that libvirt knows.
    ///   - limit: How long it may take.
    /// - Throws: ``LibvirtError``; `unsupported` where the pool cannot do it.
    public func wipe(_ path: String, within limit: Duration) async throws(LibvirtError) {
        let context = CallContext("virStorageVolWipe")
        guard let handle else { throw context.failure(.disconnected, "no connection to \(uri)") }
        try await pool.run(context, deadline: limit) { () throws(LibvirtError) in try handle.wipe(path) }
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

    /// Overwrites a volume; blocks for as long as that takes.
    ///
    /// The corresponding C functions are `virStorageVolLookupByPath` and `virStorageVolWipe`.
    fileprivate func wipe(_ path: String) throws(LibvirtError) {
        try unsafe withPointer { pointer throws(LibvirtError) in
            // SAFETY: the path lives for the call; the reference that comes back is freed at the end.
            guard let volume = unsafe virStorageVolLookupByPath(pointer, path) else {
                throw CallContext("virStorageVolLookupByPath").lastFailure()
            }
            defer { _ = unsafe virStorageVolFree(volume) }
            try CallContext("virStorageVolWipe").check(unsafe virStorageVolWipe(volume, 0))
        }
    }
}
