import ArgumentParser
import Foundation
import QuellRuntime
import Reporting

/// `quell disarm`.
struct DisarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disarm",
        abstract: "Throw the kill switch: let everybody go, and hold nobody until quell arm.",
        discussion: """
            VMs are watched and alerts are written as before. It outlives the daemon and a reboot. With the daemon dead, or \
            where it does not answer, this command throws the switch and gives everything back itself.
            """
    )

    @Option(help: "Why, for whoever finds Quell disarmed.")
    var reason: String?

    @Option(help: "Where the ledger of leases and the kill switch are kept.")
    var stateDir = DaemonConfiguration().stateDirectory

    @Option(help: "The libvirt connection, used with the daemon dead.")
    var uri = DaemonConfiguration().uri

    @OptionGroup var daemon: DaemonLocation

    func run() async throws {
        var request = ControlRequest(.disarm)
        request.reason = reason
        var configuration = DaemonConfiguration()
        configuration.stateDirectory = stateDir
        configuration.uri = uri
        let report: SwitchReport
        do {
            report = try Answer.get(SwitchReport.self, of: request, from: daemon)
        } catch is SocketError {
            report = try await OfflineSwitch(configuration).disarm(by: Person.name, reason: reason)
        }
        try Answer.print(report, json: daemon.json)
        if !report.isDone { throw ExitCode(1) }
    }
}

/// `quell arm`.
struct ArmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arm",
        abstract: "Take the kill switch back, so that VMs may be held again under the policy."
    )

    @Option(help: "Where the kill switch is kept, used with the daemon dead.")
    var stateDir = DaemonConfiguration().stateDirectory

    @OptionGroup var daemon: DaemonLocation

    func run() throws {
        let request = ControlRequest(.arm)
        var configuration = DaemonConfiguration()
        configuration.stateDirectory = stateDir
        let report: SwitchReport
        do {
            report = try Answer.get(SwitchReport.self, of: request, from: daemon)
        } catch let error as SocketError {
            guard !ControlClient(path: daemon.socketPath).daemonIsThere else {
                throw ValidationError("The daemon does not answer: \(error)")
            }
            report = try OfflineSwitch(configuration).arm()
        }
        try Answer.print(report, json: daemon.json)
        if !report.isDone { throw ExitCode(1) }
    }
}

/// Who runs this command, where no daemon is there to tell.
enum Person {
    /// What they are called on this host; through sudo, the one who asked it.
    static var name: String {
        let user = ProcessInfo.processInfo.userName
        guard let asked = ProcessInfo.processInfo.environment["SUDO_USER"], !asked.isEmpty else { return user }
        return asked
    }
}
