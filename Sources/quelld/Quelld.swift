public import ArgumentParser
import Foundation
import Policy
public import QuellRuntime

/// The daemon's command line.
@main
struct Quelld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quelld",
        abstract: "Watch the VMs of this host and hold back the one that hurts the others.",
        discussion: """
            Runs in the foreground, as systemd wants it. SIGHUP reloads the threshold files, SIGTERM and SIGINT let every \
            held VM go and stop.
            """,
        version: QuellVersion.text
    )

    /// The exit status for threshold files that are wrong (`EX_CONFIG`, `sysexits.h(3head)`): the unit does not restart.
    private static let badConfiguration: Int32 = 78

    @Option(help: "The libvirt connection.")
    var uri = DaemonConfiguration().uri

    @Option(help: "Where the ledger of leases is kept; it must outlive a reboot.")
    var stateDir = DaemonConfiguration().stateDirectory

    @Option(help: "Where the control socket is made.")
    var runDir = DaemonConfiguration().runDirectory

    @Option(
        help: ArgumentHelp(
            "A threshold file, or a directory of them; may be given again, later ones override earlier ones.",
            discussion:
                "Without it: \(DaemonConfiguration.policyDirectory), and where that is empty the shipped policy.",
            valueName: "path"
        )
    )
    var policy: [String] = []

    @Option(help: "The time between ticks, 100 ms to 60 s, such as 500ms or 2s.")
    var tick = TickPeriod(.seconds(1))

    @Option(help: "Seconds between reads of what only libvirt can tell, at least; 5 to 3600.")
    var slowTier = DaemonConfiguration().slowTier

    @Option(
        help: ArgumentHelp(
            "Percent of one core that those reads may cost libvirtd and QEMU together, 0.1 to 100.",
            discussion: "Where there are so many VMs that they would cost more, each VM is read less often.",
            valueName: "percent"
        )
    )
    var slowTierBudget = DaemonConfiguration().slowTierBudget * 100

    @Option(help: "Seconds between two audits of the host (quell audit); 5 to 86400.")
    var auditEvery = DaemonConfiguration().auditPeriod

    @Option(help: "Where alerts go: \(DaemonConfiguration.Output.allCases.map(\.rawValue).joined(separator: ", ")).")
    var output = DaemonConfiguration.Output.auto

    @Option(
        help: ArgumentHelp(
            "Where metrics for Prometheus are to be had, from this host alone; nowhere without it.",
            discussion: "Accepted: \(MetricsAddress.accepted).",
            valueName: "place"
        )
    )
    var metrics: MetricsAddress?

    func validate() throws {
        guard (5...3_600).contains(slowTier) else {
            throw ValidationError("--slow-tier is \(slowTier); 5 to 3600 seconds are accepted.")
        }
        guard (0.1...100).contains(slowTierBudget) else {
            throw ValidationError("--slow-tier-budget is \(slowTierBudget); 0.1 to 100 percent are accepted.")
        }
        guard (5...86_400).contains(auditEvery) else {
            throw ValidationError("--audit-every is \(auditEvery); 5 to 86400 seconds are accepted.")
        }
    }

    func run() async throws {
        var configuration = DaemonConfiguration()
        configuration.uri = uri
        configuration.stateDirectory = stateDir
        configuration.runDirectory = runDir
        configuration.policyPaths = policy
        configuration.tick = tick.duration
        configuration.slowTier = slowTier
        configuration.slowTierBudget = slowTierBudget / 100
        configuration.auditPeriod = auditEvery
        configuration.output = output
        configuration.metrics = metrics
        do {
            try await Daemon(configuration).run()
        } catch let errors as PolicyErrors {
            FileHandle.standardError.write(Data((errors.description + "\n").utf8))
            throw ExitCode(Self.badConfiguration)
        }
    }
}

extension DaemonConfiguration.Output: ExpressibleByArgument {}
extension MetricsAddress: ExpressibleByArgument {
    /// Parses the argument of `--metrics`.
    ///
    /// - Parameter argument: The argument.
    public init?(argument: String) { self.init(argument) }
}
extension TickPeriod: ExpressibleByArgument {
    /// Parses the argument of `--tick`.
    ///
    /// - Parameter argument: The argument.
    public init?(argument: String) { self.init(argument) }
    /// The default as the help shows it.
    public var defaultValueDescription: String { text }
}
