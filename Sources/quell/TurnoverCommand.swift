import ArgumentParser
import Foundation
import QuellRuntime

/// `quell turnover`.
struct TurnoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "turnover",
        abstract: "What is left on this host of a VM that is gone, and how to remove it.",
        discussion: """
            Removes nothing by itself. Exits with 0 where nothing is left, with 1 where something is, and with 2 where it \
            is not known or the VM still runs.
            """
    )

    @Argument(help: "The VM, by UUID or name.")
    var vm: String

    @Option(help: "The VM's name, where libvirt no longer knows it.")
    var name: String?

    @Option(help: "The VM's UUID, where libvirt no longer knows it.")
    var uuid: String?

    @Option(help: "An interface of this host that the VM had, such as vnet3; may be given several times.")
    var interface: [String] = []

    @Flag(help: "Overwrite the volumes of the VM with zeros, which nothing brings back: see Docs/Audit.md.")
    var wipe = false

    @Option(help: "With --wipe: this volume alone, by its path; may be given several times.")
    var volume: [String] = []

    @Flag(help: "Write into the journal that you have seen this.")
    var signOff = false

    @OptionGroup var daemon: DaemonLocation

    @Option(help: "The libvirt connection.")
    var uri = DaemonConfiguration().uri

    @Option(help: "Where the ledger of leases is kept.")
    var stateDir = DaemonConfiguration().stateDirectory

    func validate() throws {
        guard volume.isEmpty || wipe else { throw ValidationError("--volume says what --wipe is to overwrite.") }
    }

    func run() async throws {
        var configuration = DaemonConfiguration()
        configuration.uri = uri
        configuration.stateDirectory = stateDir
        configuration.runDirectory = daemon.runDir
        var request = Turnover.Request(vm: vm)
        request.name = name
        request.uuid = uuid
        request.interfaces = interface
        request.wipes = wipe
        request.volumes = volume
        do {
            var report = try await Turnover(configuration).examine(request)
            if signOff { report = try Turnover.signOff(report) }
            print(daemon.json ? try report.json : report.description)
            if report.exitCode != 0 { throw ExitCode(report.exitCode) }
        } catch let code as ExitCode {
            throw code
        } catch {
            FileHandle.standardError.write(Data("quell: \(error)\n".utf8))
            throw ExitCode(2)
        }
    }
}
