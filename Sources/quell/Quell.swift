import ArgumentParser
import QuellRuntime

/// The operator's command line.
@main
struct Quell: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quell",
        abstract: "Ask, check and undo what the noisy-neighbour monitor does.",
        version: QuellVersion.text,
        subcommands: [
            DemoCommand.self, StatusCommand.self, TopCommand.self, VMsCommand.self, LeasesCommand.self,
            ExplainCommand.self,
            HoldCommand.self, ReleaseCommand.self, DisarmCommand.self, ArmCommand.self, CheckCommand.self,
            DoctorCommand.self, AuditCommand.self, TurnoverCommand.self, RecordCommand.self, ReplayCommand.self,
            DetectCommand.self,
        ]
    )
}

/// Where the daemon is found; the same defaults as the daemon's own.
struct DaemonLocation: ParsableArguments {
    @Option(help: "Where the daemon's control socket is.", completion: .directory)
    var runDir = DaemonConfiguration().runDirectory

    @Flag(help: "Print JSON.")
    var json = false

    /// The daemon's control socket.
    var socketPath: String {
        var configuration = DaemonConfiguration()
        configuration.runDirectory = runDir
        return configuration.socketPath
    }
}
