internal import CLibvirt
internal import Signals

extension ConnectionHandle {
    /// Reads figures of domains without waiting for any; blocks as long as libvirtd does.
    ///
    /// The corresponding C functions are `virConnectGetAllDomainStats` and `virDomainListGetStats`.
    func stats(_ groups: StatsGroups, of uuids: [VMUUID]?) throws(LibvirtError) -> [DomainStats] {
        var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
        let flags = VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue
        let count: Int32
        if let uuids {
            count = try unsafe Self.domains(uuids, on: self) { domains throws(LibvirtError) in
                guard domains.count > 1 else { return 0 }
                // SAFETY: the list ends with nil, and its references live until this closure returns.
                return try CallContext("virDomainListGetStats").check(
                    unsafe virDomainListGetStats(domains.baseAddress, groups.rawValue, &records, flags)
                )
            }
        } else {
            count = try unsafe withPointer { connection throws(LibvirtError) in
                let active = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE.rawValue
                return try CallContext("virConnectGetAllDomainStats").check(
                    unsafe virConnectGetAllDomainStats(connection, groups.rawValue, &records, flags | active)
                )
            }
        }
        // SAFETY: libvirt allocated `count` records and a nil after them; the list is freed after the last use.
        defer { unsafe virDomainStatsRecordListFree(records) }
        var result: [DomainStats] = []
        result.reserveCapacity(Int(count))
        for index in 0..<Int(count) {
            guard let record = unsafe records?[index], let domain = unsafe record.pointee.dom,
                let uuid = unsafe VMUUID(domain: domain)
            else { continue }
            var builder = DomainStatsBuilder(uuid: uuid)
            unsafe TypedParameters.forEach(record.pointee.params, record.pointee.nparams) { builder.take($0, $1) }
            result.append(builder.finish(requested: groups))
        }
        if let uuids, result.count < uuids.count {
            let answered = Set(result.map(\.uuid))
            for uuid in uuids where !answered.contains(uuid) { domains.forget(uuid) }
        }
        return result
    }

    /// Looks domains up, lends them as a list that ends with nil, and frees them; those that are gone are left out.
    private static func domains(
        _ uuids: [VMUUID],
        on connection: ConnectionHandle,
        _ body: (UnsafeMutableBufferPointer<virDomainPtr?>) throws(LibvirtError) -> Int32
    ) throws(LibvirtError) -> Int32 {
        var list = unsafe [virDomainPtr?]()
        // SAFETY: each reference was taken over from its handle and is freed once.
        defer { unsafe list.forEach { if unsafe $0 != nil { unsafe virDomainFree($0) } } }
        for uuid in uuids {
            do {
                unsafe list.append(try DomainHandle(uuid, on: connection).release())
            } catch {
                if error.code != .noDomain { throw error }
            }
        }
        unsafe list.append(nil)
        return try unsafe list.withUnsafeMutableBufferPointer { list throws(LibvirtError) in try unsafe body(list) }
    }
}
