import Foundation
import HostReaders
import Libvirt
import Sampling
import Signals

/// Examines a host: what Quell can observe and enforce on it, and why not the rest.
public struct Doctor: Sendable {
    private let configuration: DaemonConfiguration
    private let roots: HostRoots

    /// A doctor for this host.
    ///
    /// - Parameter configuration: The libvirt connection to try, and where the ledger would be.
    public init(_ configuration: DaemonConfiguration) {
        self.configuration = configuration
        self.roots = HostRoots()
    }

    /// Looks at everything once, with the rights of the calling process.
    ///
    /// - Returns: What was found.
    public func examine() async -> DoctorReport {
        let connection = LibvirtConnection(uri: configuration.uri)
        // Where it fails the versions cannot be told either, and the probe says why.
        try? await connection.connect()
        return await examine(through: connection, as: .command)
    }

    /// Looks at everything once.
    ///
    /// - Parameters:
    ///   - connection: The hypervisor.
    ///   - viewpoint: Whose rights the look is taken with.
    /// - Returns: What was found.
    func examine(through connection: LibvirtConnection, as viewpoint: DoctorReport.Viewpoint) async -> DoctorReport {
        let (access, capabilities) = await Self.probe(roots, connection)
        return DoctorReport(
            capabilities,
            enforcement: enforcement(access),
            host: "\(HostClock.onlineCPUs) CPUs",
            viewpoint: viewpoint
        )
    }

    /// Judges every signal by what the host and libvirt give now.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - connection: The hypervisor.
    /// - Returns: Whether libvirt answers, and the statements.
    static func probe(
        _ roots: HostRoots,
        _ connection: LibvirtConnection
    ) async -> (HostFacts.LibvirtAccess, [Capability]) {
        do {
            let versions = try await connection.versions()
            let known = (libvirt: versions.libvirt, qemu: versions.hypervisor)
            return (.reachable, CapabilityProbe.probe(roots, libvirt: .reachable, versions: known))
        } catch {
            let access = HostFacts.LibvirtAccess.unreachable(error.message)
            return (access, CapabilityProbe.probe(roots, libvirt: access))
        }
    }

    private func enforcement(_ libvirt: HostFacts.LibvirtAccess) -> [DoctorReport.Line] {
        let quota: DoctorReport.Line =
            switch libvirt {
            case .reachable:
                DoctorReport.Line(
                    name: "vCPU quota",
                    state: "available",
                    why: nil,
                    source: "libvirt, vcpu_quota of the running VM",
                    remedy: nil
                )
            case .unreachable(let reason):
                DoctorReport.Line(
                    name: "vCPU quota",
                    state: "not available",
                    why: reason,
                    source: "libvirt at \(configuration.uri)",
                    remedy: "start libvirtd or virtqemud, or name the right --uri"
                )
            }
        let directory = configuration.stateDirectory
        let manager = FileManager.default
        let isThere = manager.fileExists(atPath: directory)
        let parent = (directory as NSString).deletingLastPathComponent
        let mayWrite = manager.isWritableFile(atPath: isThere ? directory : parent)
        let ledger = DoctorReport.Line(
            name: "ledger",
            state: mayWrite ? "available" : "not available",
            why: mayWrite ? nil : "\(directory) cannot be written by this user",
            source: directory,
            remedy: mayWrite ? nil : "run as root, or name another --state-dir"
        )
        return [quota] + Self.hardware(roots) + [ledger]
    }
}
