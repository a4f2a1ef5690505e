import ArgumentParser
import Foundation
import Policy
import QuellRuntime
import Reporting
import Signals

/// `quell audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "What the tenants of this host should know before there is trouble, and what to do about it.",
        discussion: """
            Asks quelld; looks for itself where quelld does not answer. Changes nothing. Exits with 0 where nothing of a \
            warning or above was found, with 1 where something was, and with 2 where it could not be told.
            """
    )

    @OptionGroup var daemon: DaemonLocation

    @Option(
        help: "Show only what is as urgent as this or more: info, notice, warning, critical.",
        transform: { text in
            guard let severity = Severity(rawValue: text) else {
                throw ValidationError("The severity is one of info, notice, warning, critical.")
            }
            return severity
        }
    )
    var severity = Severity.info

    @Flag(help: "Do not ask quelld; look with the rights of this command.")
    var local = false

    @Option(help: "The libvirt connection, where quelld is not asked.")
    var uri = DaemonConfiguration().uri

    @Option(
        help: ArgumentHelp(
            "A threshold file, or a directory of them, whose section audit says how urgent each finding is.",
            discussion: "Where quelld is not asked; without it \(DaemonConfiguration.policyDirectory) is read.",
            valueName: "path"
        )
    )
    var policy: [String] = []

    func run() async throws {
        let report = try await report()
        let shown = report.atLeast(severity)
        print(daemon.json ? try shown.json : shown.description)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    /// What quelld says, or what is found here.
    private func report() async throws -> AuditReport {
        // A thousand VMs are described anew, which takes libvirt a while.
        if !local,
            let answer = try? ControlClient(path: daemon.socketPath).ask(ControlRequest(.audit), withinSeconds: 120),
            let report = try? JSONDecoder().decode(AuditReport.self, from: answer)
        {
            return report
        }
        var configuration = DaemonConfiguration()
        configuration.uri = uri
        do {
            return await Auditor(configuration).examine(plan: try PolicySource(named: policy).load().audit)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(2)
        }
    }
}
