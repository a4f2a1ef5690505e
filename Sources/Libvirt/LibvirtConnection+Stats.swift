public import Signals

extension LibvirtConnection {
    /// Reads figures of many domains in one call that waits for none of them.
    ///
    /// A domain that is busy with a job gives what can be had without it, and the rest is in ``DomainStats/missed``. A
    /// domain that is gone is left out.
    ///
    /// - Parameters:
    ///   - groups: Which figures to read.
    ///   - uuids: The domains; `nil` for every active one.
    /// - Returns: One value for each domain, in no particular order.
    /// - Throws: ``LibvirtError`` when there is no answer at all.
    public func stats(_ groups: StatsGroups, of uuids: [VMUUID]? = nil) async throws(LibvirtError) -> [DomainStats] {
        if let uuids, uuids.isEmpty { return [] }
        let function = uuids == nil ? "virConnectGetAllDomainStats" : "virDomainListGetStats"
        return try await call(CallContext(function)) { (connection) throws(LibvirtError) in
            try connection.stats(groups, of: uuids)
        }
    }
}
