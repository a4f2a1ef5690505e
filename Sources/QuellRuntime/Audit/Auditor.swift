import Enforcement
import HostReaders
import Libvirt
public import Policy
import Signals

/// Asks of a host what its tenants should know before there is trouble.
public struct Auditor: Sendable {
    private let configuration: DaemonConfiguration
    private let reader: AuditReader

    /// An auditor of this host.
    ///
    /// - Parameter configuration: The libvirt connection to try.
    public init(_ configuration: DaemonConfiguration) {
        self.init(configuration, reader: AuditReader(roots: HostRoots()))
    }

    /// An auditor of any host.
    init(_ configuration: DaemonConfiguration, reader: AuditReader) {
        self.configuration = configuration
        self.reader = reader
    }

    /// Looks at everything once, with the rights of the calling process.
    ///
    /// - Parameter plan: How urgent each finding is.
    /// - Returns: What was found.
    public func examine(plan: AuditPlan = AuditPlan()) async -> AuditReport {
        let connection = LibvirtConnection(uri: configuration.uri, watchesDomains: false)
        // Where it fails the listing says why.
        var refusal: String?
        do { try await connection.connect() } catch { refusal = error.message }
        return await examine(through: connection, leases: [], plan: plan, refusal: refusal, as: .command)
    }

    /// Looks at everything once.
    ///
    /// - Parameters:
    ///   - connection: The hypervisor.
    ///   - leases: Leases in force: what Quell itself set for a while is no safeguard.
    ///   - plan: How urgent each finding is.
    ///   - refusal: Why there is no connection; `nil` where there is one, or it is not known.
    ///   - viewpoint: Whose rights the look is taken with.
    /// - Returns: What was found.
    func examine(
        through connection: LibvirtConnection,
        leases: [Lease],
        plan: AuditPlan,
        refusal: String? = nil,
        as viewpoint: DoctorReport.Viewpoint
    ) async -> AuditReport {
        var facts = reader.host()
        do {
            let listing = try await connection.listing()
            facts.unread = listing.failures.map { AuditFacts.Unread(uuid: $0, why: $1.description) }
                .sorted { $0.uuid.description < $1.uuid.description }
            reader.add(listing.domains, to: &facts)
            for lease in leases {
                for index in facts.vms.indices where facts.vms[index].uuid == lease.vm.uuid {
                    facts.vms[index].leaveOut(lease)
                }
            }
        } catch {
            facts.trouble = refusal ?? error.message
        }
        let report = AuditReport(facts, viewpoint: viewpoint, plan: plan)
        // The descriptions of a thousand VMs are megabytes, read once.
        Heap.trim()
        return report
    }
}
