import Sampling

/// How the daemon is set up by its command line.
public struct DaemonConfiguration: Sendable, Equatable {
    /// The shortest and the longest time between ticks.
    public static let tickRange: ClosedRange<Duration> = .milliseconds(100)...(.seconds(60))

    /// The libvirt connection.
    public var uri: String
    /// Where the ledger is kept; it must outlive a reboot.
    public var stateDirectory: String
    /// Where the control socket is made.
    public var runDirectory: String
    /// Threshold files and directories of them, later ones over earlier ones; empty for the shipped policy.
    public var policyPaths: [String]
    /// The time between ticks, within ``tickRange``.
    public var tick: Duration
    /// Seconds between reads of what only libvirt can tell of a VM, at least.
    public var slowTier: Int
    /// CPU that those reads may cost libvirtd and QEMU together, in cores; where they would cost more, they are made less
    /// often.
    public var slowTierBudget: Double
    /// Seconds between two audits of the host.
    public var auditPeriod: Int
    /// Where alerts go.
    public var output: Output
    /// Where metrics are to be had; `nil` for nowhere.
    public var metrics: MetricsAddress?

    /// Where alerts go.
    public enum Output: String, Sendable, CaseIterable {
        /// To the journal where there is one, else to standard output.
        case auto
        /// To the journal.
        case journal
        /// To standard output.
        case stdout
    }

    /// The configuration of a fresh install.
    public init() {
        self.uri = "qemu:///system"
        self.stateDirectory = "/var/lib/quell"
        self.runDirectory = "/run/quell"
        self.policyPaths = []
        self.tick = .seconds(1)
        self.slowTier = 30
        self.slowTierBudget = 0.004
        self.auditPeriod = 600
        self.output = .auto
        self.metrics = nil
    }

    /// How often and how much the slow tier asks.
    var slowLimits: SlowSchedule.Limits {
        var limits = SlowSchedule.Limits()
        limits.round = Double(slowTier)
        limits.share = slowTierBudget
        return limits
    }

    /// The control socket's path.
    public var socketPath: String { runDirectory + "/control.sock" }

    /// Where threshold files are looked for when none are named.
    public static let policyDirectory = "/etc/quell/thresholds.d"
}
