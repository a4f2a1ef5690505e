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
    /// Describes every active domain, and says which could not be described.
    ///
    /// One domain that hangs or whose description is bad does not hide the others.
    ///
    /// - Returns: The active domains.
    /// - Throws: ``LibvirtError`` when the domains cannot be listed at all.
    public func listing() async throws(LibvirtError) -> DomainListing {
        let uuids = try await call(CallContext("virConnectListAllDomains")) { (connection) throws(LibvirtError) in
            try connection.activeDomains()
        }
        var listing = DomainListing(domains: [], failures: [:])
        for uuid in uuids {
            do {
                listing.domains.append(try await domain(uuid))
            } catch {
                switch error.code {
                case .noDomain: break
                case .disconnected, .cancelled: throw error
                case .operationInvalid, .denied, .unsupported, .invalidArgument, .timedOut, .agentBusy, .resourceBusy,
                    .malformed, .deadline, .busy, .circuitOpen, .other:
                    listing.failures[uuid] = error
                }
            }
        }
        return listing
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
