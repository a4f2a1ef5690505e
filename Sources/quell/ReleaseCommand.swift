import ArgumentParser
import Foundation
import QuellRuntime
import Reporting

/// `quell release`.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Give a held VM back what it had before.",
        discussion: """
            A running daemon is asked to do it. With the daemon dead, the ledger is read and every value put back through \
            libvirt, unless somebody else has set another one meanwhile.
            """
    )

    @Argument(help: "The VM, by UUID or name.", completion: VMCompletion.kind)
    var vm: String?

    @Flag(help: "Let every held VM go.")
    var all = false

    @Option(help: "Where the ledger of leases is kept.")
    var stateDir = DaemonConfiguration().stateDirectory

    @Option(help: "The libvirt connection, used with the daemon dead.")
    var uri = DaemonConfiguration().uri

    @Flag(help: "Say nothing where nobody was held.")
    var quiet = false

    @OptionGroup var daemon: DaemonLocation

    func validate() throws {
        guard all != (vm != nil) else { throw ValidationError("Name one VM, or give --all.") }
    }

    func run() async throws {
        let client = ControlClient(path: daemon.socketPath)
        let report: ReleaseReport
        if client.daemonIsThere {
            let answer = try client.ask(ControlRequest(.release, vm: vm))
            if let problem = try? JSONDecoder().decode(ControlProblem.self, from: answer) {
                throw ValidationError("The daemon refused: \(problem.error)")
            }
            report = try JSONDecoder().decode(ReleaseReport.self, from: answer)
        } else {
            guard all else {
                throw ValidationError("No daemon answers at \(daemon.socketPath). Without it only --all works.")
            }
            var configuration = DaemonConfiguration()
            configuration.stateDirectory = stateDir
            configuration.uri = uri
            report = try await OfflineRelease(configuration).run()
        }
        if daemon.json {
            print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        } else if !(quiet && report.isEmpty) {
            print(report)
        }
        if report.stillHeld > 0 { throw ExitCode(1) }
    }
}
