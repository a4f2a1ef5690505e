import ArgumentParser
import Foundation
import QuellRuntime
import Reporting

/// `quell doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this host can observe and enforce, and why not the rest.",
        discussion: "Asks quelld, which may see less than you do; looks for itself where quelld does not answer."
    )

    @OptionGroup var daemon: DaemonLocation

    @Flag(help: "Do not ask quelld; look with the rights of this command.")
    var local = false

    @Option(help: "The libvirt connection, where quelld is not asked.")
    var uri = DaemonConfiguration().uri

    @Option(help: "Where the ledger of leases is kept, where quelld is not asked.")
    var stateDir = DaemonConfiguration().stateDirectory

    func run() async throws {
        let report = await report()
        print(daemon.json ? try report.json : report.description)
    }

    /// What quelld says, or what is found here.
    private func report() async -> DoctorReport {
        if !local, let answer = try? ControlClient(path: daemon.socketPath).ask(ControlRequest(.doctor)),
            let report = try? JSONDecoder().decode(DoctorReport.self, from: answer)
        {
            return report
        }
        var configuration = DaemonConfiguration()
        configuration.uri = uri
        configuration.stateDirectory = stateDir
        return await Doctor(configuration).examine()
    }
}
