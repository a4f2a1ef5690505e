import Enforcement
import HostReaders
import Libvirt

/// Lets every held VM go with the daemon dead: reads the ledger and puts every value back through libvirt.
public struct OfflineRelease: Sendable {
    private let configuration: DaemonConfiguration

    /// A release by the ledger of a daemon that is dead.
    ///
    /// - Parameter configuration: Where the ledger is, and the libvirt connection.
    public init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Puts every value back.
    ///
    /// - Returns: What was done.
    /// - Throws: `LedgerError` where a daemon holds the ledger or it cannot be read, `LibvirtError` where leases are open
    ///   and libvirt does not answer.
    public func run() async throws -> ReleaseReport {
        guard try !Ledger(directory: configuration.stateDirectory).leases.isEmpty else {
            return ReleaseReport([], open: [], watched: [])
        }
        let connection = LibvirtConnection(uri: configuration.uri)
        try await connection.connect()
        let report = try await LeaseRecovery.releaseAll(
            directory: configuration.stateDirectory,
            actuator: HostActuator(connection: connection, roots: HostRoots()),
            bootID: HostClock.bootID,
            now: HostClock.now()
        )
        return ReleaseReport(report.events, open: report.remaining, watched: report.watched)
    }
}
