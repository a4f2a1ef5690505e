import ArgumentParser
import Foundation
import QuellRuntime
import Reporting

/// `quell status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "How the daemon is.")

    @OptionGroup var daemon: DaemonLocation

    func run() throws {
        try Answer.show(StatusReport.self, of: ControlRequest(.status), from: daemon) { $0.description }
    }
}

/// `quell vms`.
struct VMsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vms",
        abstract: "Every VM with its latest readings."
    )

    @OptionGroup var daemon: DaemonLocation

    func run() throws {
        try Answer.show([VMReport].self, of: ControlRequest(.vms), from: daemon) { VMReport.table($0) }
    }
}

/// `quell leases`.
struct LeasesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leases",
        abstract: "Who is held, by how much, until when, and how to undo it."
    )

    @OptionGroup var daemon: DaemonLocation

    func run() throws {
        try Answer.show([LeaseReport].self, of: ControlRequest(.leases), from: daemon) { LeaseReport.table($0) }
    }
}

/// `quell explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a VM is hurt, blamed, held or left alone: every suspect, its evidence, and what was done."
    )

    @OptionGroup var daemon: DaemonLocation

    @Argument(help: "The VM, by name or UUID.", completion: VMCompletion.kind)
    var vm: String

    func run() throws {
        try Answer.show(ExplainReport.self, of: ControlRequest(.explain, vm: vm), from: daemon) { $0.description }
    }
}

/// Shows what the daemon answers.
enum Answer {
    /// Asks the daemon and prints its answer, as JSON or as text.
    static func show<Report: Codable>(
        _ type: Report.Type,
        of request: ControlRequest,
        from daemon: DaemonLocation,
        as text: (Report) -> String
    ) throws {
        let answer: Data
        do {
            answer = try ask(request, daemon)
        } catch let error as SocketError {
            throw ValidationError("The daemon does not answer: \(error)")
        }
        if daemon.json {
            Swift.print(String(decoding: answer, as: UTF8.self))
        } else {
            Swift.print(text(try JSONDecoder().decode(type, from: answer)))
        }
    }

    /// Asks the daemon.
    ///
    /// - Returns: Its answer.
    /// - Throws: `SocketError` where it does not answer, `ValidationError` with its reason where it refuses.
    static func get<Report: Decodable>(
        _ type: Report.Type,
        of request: ControlRequest,
        from daemon: DaemonLocation
    ) throws -> Report {
        try JSONDecoder().decode(type, from: ask(request, daemon))
    }

    private static func ask(_ request: ControlRequest, _ daemon: DaemonLocation) throws -> Data {
        let answer = try ControlClient(path: daemon.socketPath).ask(request)
        if let problem = try? JSONDecoder().decode(ControlProblem.self, from: answer) {
            throw ValidationError("The daemon refused: \(problem.error)")
        }
        return answer
    }

    /// Prints a report, as JSON or as text.
    static func print(_ report: some Encodable & CustomStringConvertible, json: Bool) throws {
        if json { try printJSON(report) } else { Swift.print(report.description) }
    }

    /// Prints a report as one line of JSON, its keys in order.
    static func printJSON(_ report: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        Swift.print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}
