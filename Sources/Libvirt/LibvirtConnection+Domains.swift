public import Signals

/// The active domains, and those that could not be described.
public struct DomainListing: Sendable, Equatable {
    /// The domains that could be described.
    public var domains: [DomainDescription]
    /// Why the others could not; a domain that stopped in between is in neither.
    public var failures: [VMUUID: LibvirtError]

    /// A list of domains.
    ///
    /// - Parameters:
    ///   - domains: The domains that could be described.
    ///   - failures: Why the others could not.
    public init(domains: [DomainDescription], failures: [VMUUID: LibvirtError]) {
        self.domains = domains
        self.failures = failures
    }
}

extension LibvirtConnection {
    /// Calls of one listing that are on their way at once: most threads of the pool, and one left for others.
    static var listingWidth: Int { 3 }

    /// Describes every active domain, and says which could not be described.
    ///
    /// Several domains are asked for at once. One that hangs or whose description is bad does not hide the others.
    ///
    /// - Returns: The active domains, in libvirt's order.
    /// - Throws: ``LibvirtError`` when the domains cannot be listed at all.
    public func listing() async throws(LibvirtError) -> DomainListing {
        let uuids = try await call(CallContext("virConnectListAllDomains")) { (connection) throws(LibvirtError) in
            try connection.activeDomains()
        }
        let described = await each(uuids) { (uuid) async throws(LibvirtError) in try await self.domain(uuid) }
        var listing = DomainListing(domains: [], failures: [:])
        for uuid in uuids {
            switch described[uuid] {
            case .success(let domain): listing.domains.append(domain)
            case .failure(let error):
                switch error.code {
                case .noDomain: break
                case .disconnected, .cancelled: throw error
                case .operationInvalid, .denied, .unsupported, .invalidArgument, .timedOut, .agentBusy, .resourceBusy,
                    .malformed, .deadline, .busy, .circuitOpen, .other:
                    listing.failures[uuid] = error
                }
            case nil: throw CallContext("virDomainGetXMLDesc", uuid).failure(.cancelled, "the listing was given up")
            }
        }
        return listing
    }

    /// Tells of many domains whether they run and what libvirt does with them; several are asked for at once.
    ///
    /// - Parameter uuids: The domains.
    /// - Returns: Their states; a domain of which libvirt did not tell is left out.
    public func states(of uuids: [VMUUID]) async -> [VMUUID: DomainStatus] {
        await each(uuids) { (uuid) async throws(LibvirtError) in try await self.state(uuid) }
            .compactMapValues { try? $0.get() }
    }

    /// Makes a call for each domain, ``listingWidth`` of them at once; after a loss of the connection or the end of the
    /// task no further one is begun.
    private func each<Value: Sendable>(
        _ uuids: [VMUUID],
        _ body: @escaping @Sendable (VMUUID) async throws(LibvirtError) -> Value
    ) async -> [VMUUID: Result<Value, LibvirtError>] {
        await withTaskGroup(of: (VMUUID, Result<Value, LibvirtError>).self) { group in
            var results: [VMUUID: Result<Value, LibvirtError>] = [:]
            var rest = uuids[...]
            func begin() {
                guard let uuid = rest.popFirst() else { return }
                group.addTask {
                    do throws(LibvirtError) {
                        return (uuid, .success(try await body(uuid)))
                    } catch {
                        return (uuid, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.listingWidth { begin() }
            for await (uuid, result) in group {
                results[uuid] = result
                if case .failure(let error) = result, error.code == .disconnected || error.code == .cancelled {
                    rest = []
                }
                begin()
            }
            return results
        }
    }

    /// Describes every active domain that can be described; ``listing()`` also says which could not.
    ///
    /// - Returns: The active domains.
    /// - Throws: ``LibvirtError`` when the domains cannot be listed at all.
    public func domains() async throws(LibvirtError) -> [DomainDescription] {
        try await listing().domains
    }

    /// Describes one domain.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: What its XML says.
    /// - Throws: ``LibvirtError``; `noDomain` when it is gone.
    public func domain(_ uuid: VMUUID) async throws(LibvirtError) -> DomainDescription {
        try await call("virDomainGetXMLDesc", on: uuid) { (domain) throws(LibvirtError) in
            try DomainDescription(xml: domain.xml(limit: DomainDescription.sizeLimit))
        }
    }

    /// Tells whether a domain runs and what libvirt does with it.
    ///
    /// - Parameter uuid: The domain.
    /// - Returns: Its state and the job under way.
    /// - Throws: ``LibvirtError``; `noDomain` when it is gone.
    public func state(_ uuid: VMUUID) async throws(LibvirtError) -> DomainStatus {
        try await call("virDomainGetState", on: uuid) { (domain) throws(LibvirtError) in
            let power = try domain.power()
            switch power {
            case .shutOff, .crashed: return DomainStatus(power: power, job: .none)
            case .running, .blocked, .paused, .shuttingDown, .suspended, .unknown:
                return DomainStatus(power: power, job: try domain.job())
            }
        }
    }
}
