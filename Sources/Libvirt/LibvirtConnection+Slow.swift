public import Signals

extension LibvirtConnection {
    /// Reads figures of one domain, under its breaker, without waiting for a job that holds it.
    ///
    /// - Parameters:
    ///   - groups: Which figures to read.
    ///   - uuid: The domain.
    /// - Returns: The figures; ``DomainStats/missed`` names the groups that could not be had.
    /// - Throws: ``LibvirtError``; `noDomain` when it is gone.
    public func stats(_ groups: StatsGroups, alone uuid: VMUUID) async throws(LibvirtError) -> DomainStats {
        let context = CallContext("virDomainListGetStats", uuid)
        let answers = try await guarded(context) { (connection) throws(LibvirtError) in
            try connection.stats(groups, of: [uuid])
        }
        guard let answer = answers.first else { throw context.failure(.noDomain, "it is gone") }
        return answer
    }

    /// Tells how long the jobs under way on some domains have run.
    ///
    /// - Parameter uuids: The domains.
    /// - Returns: Seconds, 0 where none is under way; a domain that is gone or of which libvirt cannot tell is left out.
    /// - Throws: ``LibvirtError`` when there is no answer at all.
    public func jobAges(of uuids: [VMUUID]) async throws(LibvirtError) -> [VMUUID: Double] {
        if uuids.isEmpty { return [:] }
        return try await call(CallContext("virDomainGetJobInfo")) { (connection) throws(LibvirtError) in
            var ages: [VMUUID: Double] = [:]
            for uuid in uuids {
                do throws(LibvirtError) {
                    let domain = try DomainHandle(uuid, on: connection)
                    ages[uuid] = try domain.jobAge()
                } catch {
                    if error.code == .disconnected { throw error }
                }
            }
            return ages
        }
    }

    /// Tells whether libvirt can talk to a domain's QEMU; libvirt answers that at once, whatever QEMU does.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: Whether, and what holds it.
    /// - Throws: ``LibvirtError``; `unsupported` where the driver does not know.
    public func control(of uuid: VMUUID) async throws(LibvirtError) -> DomainControl {
        // Not under the breaker, which is open just when this is asked; it does not wait for the VM.
        try await call(CallContext("virDomainGetControlInfo")) { (connection) throws(LibvirtError) in
            let domain = try DomainHandle(uuid, on: connection)
            return try domain.control()
        }
    }

    /// Begins to measure how fast a domain dirties its memory; ``StatsGroups/dirtyRate`` tells the result afterwards.
    ///
    /// - Parameters:
    ///   - uuid: The domain.
    ///   - seconds: How long to measure, 1 to 60.
    /// - Throws: ``LibvirtError``; `unsupported` or `operationInvalid` where libvirt or QEMU cannot.
    public func startDirtyRate(of uuid: VMUUID, seconds: Int) async throws(LibvirtError) {
        let seconds = Int32(min(60, max(1, seconds)))
        try await call("virDomainStartDirtyRateCalc", on: uuid) { (domain) throws(LibvirtError) in
            try domain.startDirtyRate(seconds: seconds)
        }
    }

    /// Tells the versions of libvirt and of the hypervisor at the other end.
    ///
    /// - Returns: The versions.
    /// - Throws: ``LibvirtError`` when there is no answer at all.
    public func versions() async throws(LibvirtError) -> LibvirtVersions {
        try await call(CallContext("virConnectGetVersion")) { (connection) throws(LibvirtError) in
            try connection.versions()
        }
    }
}
