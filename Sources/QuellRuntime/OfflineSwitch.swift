import Enforcement
import Libvirt

/// Throws the kill switch, or takes it back, with the daemon dead.
public struct OfflineSwitch: Sendable {
    private let configuration: DaemonConfiguration

    /// A switch that needs no daemon.
    ///
    /// - Parameter configuration: Where its file and the ledger are, and the libvirt connection.
    public init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
    }

    /// Throws it, then gives everybody back what they had.
    ///
    /// - Parameters:
    ///   - who: Who wants it.
    ///   - reason: Why.
    /// - Returns: What became of it; what could not be given back is told in it, since the switch is thrown all the same.
    /// - Throws: ``KillSwitchError`` where it cannot be thrown.
    public func disarm(by who: String, reason: String?) async throws -> SwitchReport {
        let line = try KillSwitch(directory: configuration.stateDirectory)
            .disarm(by: who, reason: reason, wall: HostClock.wallNanoseconds())
        do {
            let release = try await OfflineRelease(configuration).run()
            return SwitchReport(disarmed: line, release: release, hasDaemon: false)
        } catch {
            return SwitchReport(
                disarmed: line,
                trouble: "not everybody could be let go: \(error); then try: quell release --all",
                hasDaemon: false
            )
        }
    }

    /// Takes it back.
    ///
    /// - Returns: What became of it.
    /// - Throws: ``KillSwitchError`` where its file cannot be removed.
    public func arm() throws -> SwitchReport {
        try KillSwitch(directory: configuration.stateDirectory).arm()
        return SwitchReport(disarmed: nil, hasDaemon: false)
    }
}
