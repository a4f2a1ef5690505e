import ArgumentParser
import QuellRuntime

/// `quell doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this host can observe and enforce, and why not the rest."
    )

    @Option(help: "The libvirt connection.")
    var uri = DaemonConfiguration().uri

    @Option(help: "Where the ledger of leases is kept.")
    var stateDir = DaemonConfiguration().stateDirectory

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        var configuration = DaemonConfiguration()
        configuration.uri = uri
        configuration.stateDirectory = stateDir
        let report = await Doctor(configuration).examine()
        print(json ? try report.json : report.description)
    }
}
