public import Enforcement
import Foundation
import Libvirt
import Reporting

/// Answers at a control socket for a host that a script stands for, so that the operator's commands can be tried.
public struct ScriptedDesk<Source: FrameSource & SendableMetatype>: Sendable {
    private let server: ControlServer

    /// A desk that does not listen yet.
    ///
    /// - Parameters:
    ///   - monitor: What watches the scripted host.
    ///   - enforcer: Who holds its VMs.
    ///   - alerts: Where what is done by hand is told.
    ///   - runDirectory: Where the control socket is made, as `--run-dir` of the commands names it; made where it is not
    ///     there.
    /// - Throws: Where the directory cannot be made.
    public init(monitor: Monitor<Source>, enforcer: Enforcer, alerts: any AlertReceiver, runDirectory: String) throws {
        var configuration = DaemonConfiguration()
        configuration.runDirectory = runDirectory
        configuration.stateDirectory = runDirectory
        try FileManager.default.createDirectory(
            atPath: runDirectory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750]
        )
        var answers = ControlAnswers(
            monitor: monitor,
            enforcer: enforcer,
            connection: LibvirtConnection(uri: "test:///default", watchesDomains: false),
            doctor: Doctor(configuration),
            auditor: Auditor(configuration),
            killSwitch: KillSwitch(directory: runDirectory),
            alerts: alerts,
            holdOff: { _ in nil }
        )
        answers.isScripted = true
        let desk = answers
        let recording = RecordingDesk(monitor: monitor, period: .seconds(1))
        server = ControlServer(
            path: configuration.socketPath,
            answer: { await desk.answer($0) },
            record: { await recording.serve($0, on: $1) }
        )
    }

    /// Answers until the task is cancelled.
    ///
    /// - Throws: `SocketError` where the socket cannot be made.
    public func run() async throws {
        try await server.run()
    }
}
