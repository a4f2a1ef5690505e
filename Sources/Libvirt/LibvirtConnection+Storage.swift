internal import CLibvirt
internal import Glibc
public import Signals

extension LibvirtConnection {
    /// Lists the storage pools, and the volumes of those that are active.
    ///
    /// - Parameters:
    ///   - refreshing: Whether libvirt is to look anew what is in them, which may take long.
    ///   - limit: How long it may take.
    /// - Returns: The pools.
    /// - Throws: ``LibvirtError`` when the pools cannot be listed at all; `unsupported` where there are none by nature.
    public func storage(refreshing: Bool, within limit: Duration = .seconds(60)) async throws(LibvirtError)
        -> StorageListing
    {
        let context = CallContext("virConnectListAllStoragePools")
        guard let handle else { throw context.failure(.disconnected, "no connection to \(uri)") }
        return try await pool.run(context, deadline: limit) { () throws(LibvirtError) in
            try handle.storage(refreshing: refreshing)
        }
    }

    /// What a domain names as places of data, in the description that is in force and in that of its next start.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: What it names.
    /// - Throws: ``LibvirtError``; `noDomain` when it is gone.
    public func places(of uuid: VMUUID) async throws(LibvirtError) -> DomainStorage {
        try await call("virDomainGetXMLDesc", on: uuid) { (domain) throws(LibvirtError) in
            let limit = DomainDescription.sizeLimit
            var storage = try DomainStorage(xml: domain.xml(limit: limit))
            storage.merge(try DomainStorage(xml: domain.xml(limit: limit, flags: VIR_DOMAIN_XML_INACTIVE.rawValue)))
            return storage
        }
    }

    /// Overwrites a storage volume once with zeros; it may take hours.
    ///
    /// libvirt empties a file with holes instead, and makes it anew.
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
    /// The pools and their volumes; blocks.
    ///
    /// The corresponding C functions are `virConnectListAllStoragePools`, `virStoragePoolRefresh`,
    /// `virStoragePoolListAllVolumes` and `virStorageVolGetXMLDesc`.
    fileprivate func storage(refreshing: Bool) throws(LibvirtError) -> StorageListing {
        var listing = StorageListing()
        try unsafe withPointer { pointer throws(LibvirtError) in
            var list: UnsafeMutablePointer<virStoragePoolPtr?>?
            // SAFETY: libvirt allocates the list and hands each pool's reference over; all are freed below.
            let count = try CallContext("virConnectListAllStoragePools")
                .check(unsafe virConnectListAllStoragePools(pointer, &list, 0))
            guard let list = unsafe list else { return }
            for index in 0..<Int(count) {
                guard let pool = unsafe list[index] else { continue }
                unsafe Self.look(into: pool, refreshing, &listing)
                _ = unsafe virStoragePoolFree(pool)
            }
            unsafe free(list)
        }
        return listing
    }

    /// Adds one pool; what cannot be told of it is a failure in the list.
    @unsafe private static func look(into pool: OpaquePointer, _ refreshing: Bool, _ listing: inout StorageListing) {
        // SAFETY: the name belongs to the pool, which the caller keeps; it is copied at once.
        let name = unsafe virStoragePoolGetName(pool).map { unsafe String(cString: $0) } ?? "?"
        func fail(_ function: String) {
            listing.failures.append("pool \(name): \(CallContext(function).lastFailure())")
        }
        switch unsafe virStoragePoolIsActive(pool) {
        case 1: break
        case 0: return listing.inactive.append(name)
        default: return fail("virStoragePoolIsActive")
        }
        if refreshing, unsafe virStoragePoolRefresh(pool, 0) < 0 { return fail("virStoragePoolRefresh") }
        var list: UnsafeMutablePointer<virStorageVolPtr?>?
        // SAFETY: libvirt allocates the list and hands each volume's reference over; all are freed below.
        let count = unsafe virStoragePoolListAllVolumes(pool, &list, 0)
        guard count >= 0, let list = unsafe list else { return count < 0 ? fail("virStoragePoolListAllVolumes") : () }
        for index in 0..<Int(count) {
            guard let volume = unsafe list[index] else { continue }
            do throws(LibvirtError) {
                listing.volumes.append(try unsafe StorageVolume(xml: xml(of: volume), pool: name))
            } catch {
                listing.failures.append("a volume of the pool \(name): \(error)")
            }
            _ = unsafe virStorageVolFree(volume)
        }
        unsafe free(list)
    }

    @unsafe private static func xml(of volume: OpaquePointer) throws(LibvirtError) -> [UInt8] {
        let context = CallContext("virStorageVolGetXMLDesc")
        // SAFETY: libvirt allocates a terminated string, which is freed here and read only up to its end.
        guard let text = unsafe virStorageVolGetXMLDesc(volume, 0) else { throw context.lastFailure() }
        defer { unsafe free(text) }
        guard let bytes = unsafe DomainHandle.bytes(of: text, limit: StorageVolume.sizeLimit) else {
            throw context.failure(.malformed, "the description exceeds \(StorageVolume.sizeLimit) bytes")
        }
        return bytes
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
