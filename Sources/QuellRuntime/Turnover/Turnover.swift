import Foundation
import Glibc
import HostReaders
import Libvirt
public import Reporting
import Sampling
import Signals
public import Systemd

/// Looks what is left of a VM that is to be gone from this host.
public struct Turnover: Sendable {
    /// What is asked.
    public struct Request: Sendable, Equatable {
        /// The VM, by UUID or name.
        public var vm: String
        /// Its name, where libvirt no longer knows it.
        public var name: String?
        /// Its UUID, where libvirt no longer knows it.
        public var uuid: String?
        /// Interfaces of the host that it had.
        public var interfaces: [String] = []
        /// Whether volumes are to be overwritten.
        public var wipes = false
        /// Those that alone are, by path; empty for all of the VM.
        public var volumes: [String] = []

        /// A request.
        ///
        /// - Parameter vm: The VM, by UUID or name.
        public init(vm: String) {
            self.vm = vm
        }
    }

    /// Why nothing was looked at.
    public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// The reason, a sentence.
        public var description: String
    }

    private let configuration: DaemonConfiguration
    private let roots: HostRoots
    private let library: String

    /// A turnover on this host.
    ///
    /// - Parameter configuration: The libvirt connection, the daemon's socket and the ledger.
    public init(_ configuration: DaemonConfiguration) {
        self.init(configuration, roots: HostRoots())
    }

    /// A turnover on any host.
    init(_ configuration: DaemonConfiguration, roots: HostRoots, library: String = NVML.soname) {
        self.configuration = configuration
        self.roots = roots
        self.library = library
    }

    /// Looks for what is left, and overwrites its volumes where that is asked for.
    ///
    /// - Parameter request: What is asked.
    /// - Returns: What was found.
    /// - Throws: ``Refusal``, as while the VM runs.
    public func examine(_ request: Request) async throws(Refusal) -> TurnoverReport {
        let connection = LibvirtConnection(uri: configuration.uri, watchesDomains: false)
        do {
            try await connection.connect()
        } catch {
            throw Refusal(description: "libvirt must say that the VM does not run, and does not answer: \(error)")
        }
        return try await examine(request, through: connection)
    }

    /// Looks for what is left through an open connection.
    func examine(_ request: Request, through connection: LibvirtConnection) async throws(Refusal) -> TurnoverReport {
        let subject = try await subject(request, connection)
        let running: [DomainDescription]
        do {
            running = try await connection.domains()
        } catch {
            throw Refusal(description: "which VMs run cannot be told: \(error)")
        }
        var look = TurnoverLook(subject, roots: roots, running: running)
        look.lookAtFiles()
        look.lookAtChains(TurnoverHost.chains)
        look.lookAtLeases(TurnoverHost.leases(configuration))
        let desk = GPUDesk(roots: roots, library: library)
        look.lookAtGPUs { TurnoverHost.limits(of: $0, desk) }
        await lookAtVolumes(&look, connection)
        var report = look.report
        if request.wipes { try await wipe(request.volumes, in: &report, of: subject, connection) }
        return report
    }

    /// Who is meant; refused while it runs.
    private func subject(
        _ request: Request,
        _ connection: LibvirtConnection
    ) async throws(Refusal) -> TurnoverSubject {
        for name in [request.vm, request.name].compactMap(\.self) where !TurnoverSubject.isName(name) {
            throw Refusal(description: "\(PlainText.name(name)) is no name of a VM")
        }
        var subject = TurnoverSubject()
        subject.taps = Set(request.interfaces)
        if let text = request.uuid {
            guard let uuid = VMUUID(text) else { throw Refusal(description: "\(PlainText.name(text)) is no UUID") }
            subject.uuid = uuid
        }
        if let uuid = VMUUID(request.vm) { subject.uuid = uuid } else { subject.name = request.vm }
        subject.name = subject.name ?? request.name
        if let name = subject.name {
            let owner: VMUUID?
            do { owner = try await connection.domain(named: name) } catch { throw Self.unsure(error) }
            if let owner, let uuid = subject.uuid, owner != uuid {
                // The name was given again: what goes by it now is another VM's.
                subject.name = nil
            } else if let owner {
                subject.uuid = owner
            }
        }
        guard let uuid = subject.uuid else { return subject }
        do throws(LibvirtError) {
            let power = try await connection.state(uuid).power
            let definition = try await connection.domain(uuid)
            subject.name = definition.name
            guard definition.id < 0, power == .shutOff || power == .crashed else {
                throw LibvirtError(code: .operationInvalid, message: "\(power)", context: "")
            }
            subject.definition = definition
            subject.places = try await connection.places(of: uuid)
            subject.taps.formUnion(definition.tapNames)
        } catch {
            switch error.code {
            case .noDomain: break
            case .operationInvalid:
                let vm = PlainText.name(subject.name ?? uuid.description)
                throw Refusal(
                    description: "\(vm) still runs (\(error.message)): shut it down first, with virsh shutdown \(uuid)"
                )
            default: throw Self.unsure(error)
            }
        }
        return subject
    }

    private static func unsure(_ error: LibvirtError) -> Refusal {
        Refusal(description: "whether the VM runs cannot be told: \(error)")
    }

    /// Who runs this command: the user, and the one that logged in, where that is another (`proc_pid_loginuid(5)`).
    ///
    /// - Parameter roots: Where procfs is.
    /// - Returns: For instance `uid 0, logged in as uid 1000`.
    static func caller(_ roots: HostRoots = HostRoots()) -> String {
        let login = HostDirectory.text(of: roots.proc + "/self/loginuid").flatMap { UInt32($0.prefix { $0 != "\n" }) }
        let user = getuid()
        guard let login, login != UInt32.max, login != user else { return "uid \(user)" }
        return "uid \(user), logged in as uid \(login)"
    }

    /// Writes into the journal who signed off what.
    ///
    /// The journal itself adds the user of the writing process, which nobody can forge (`_UID`).
    ///
    /// - Parameters:
    ///   - report: What was found.
    ///   - sink: Where it goes.
    /// - Returns: The report with who signed it.
    /// - Throws: `SystemdError` where it could not be written.
    public static func signOff(
        _ report: TurnoverReport,
        to sink: any AlertSink = JournalSink()
    ) throws(SystemdError) -> TurnoverReport {
        var report = report
        let who = caller()
        try sink.send(
            .turnoverSigned(
                uuid: report.uuid,
                name: report.name,
                who: who,
                verdict: report.verdict.rawValue,
                leftovers: report.leftovers.map { "\($0.kind): \($0.what)" },
                wiped: report.volumes.filter { $0.wiped == "wiped" }.map(\.source),
                unknown: report.notKnown.count
            )
        )
        report.signedBy = who
        return report
    }
}
