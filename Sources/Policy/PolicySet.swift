public import Signals

/// Everything that threshold files decide, compiled and range-checked: what is watched, what follows, and its limits.
public struct PolicySet: Equatable, Sendable {
    /// Whether Quell acts.
    public enum Mode: String, Sendable, CaseIterable {
        /// It tells what it would do and changes nothing. The default of a fresh install.
        case dryRun = "dry-run"
        /// It acts.
        case enforce
    }

    /// Whether Quell acts.
    public var mode: Mode
    /// The rules, in the order of the files.
    public var rules: [Rule]
    /// The ladders by name.
    public var ladders: [String: LadderPlan]
    /// How much may be held at once.
    public var limits: BlastLimits
    /// VMs that are never acted on, by name or UUID text.
    public var protectedVMs: Set<String>
    /// Tenants whose VMs are never acted on.
    public var protectedTenants: Set<String>
    /// What a quarantine does.
    public var quarantine = QuarantinePlan()
    /// How urgent the findings of an audit are.
    public var audit = AuditPlan()
    /// Whether the soft limit of memory may be set where the kernel takes it for `memory.high` (cgroup v2).
    public var allowsMemoryHigh = false
    /// When Quell watches only, or holds nobody at all.
    public var windows: [MaintenanceWindow] = []

    /// A policy; by default an empty one in dry run.
    ///
    /// - Parameters:
    ///   - mode: Whether Quell acts.
    ///   - rules: The rules.
    ///   - ladders: The ladders by name.
    ///   - limits: How much may be held at once.
    ///   - protectedVMs: VMs that are never acted on, by name or UUID text.
    ///   - protectedTenants: Tenants whose VMs are never acted on.
    public init(
        mode: Mode = .dryRun,
        rules: [Rule] = [],
        ladders: [String: LadderPlan] = [:],
        limits: BlastLimits = BlastLimits(),
        protectedVMs: Set<String> = [],
        protectedTenants: Set<String> = []
    ) {
        self.mode = mode
        self.rules = rules
        self.ladders = ladders
        self.limits = limits
        self.protectedVMs = protectedVMs
        self.protectedTenants = protectedTenants
    }
}

/// How a culprit is held back: small steps down while its victim is still hurt, slowly up again once all is calm.
public struct LadderPlan: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// What it answers.
    public var contention: Contention
    /// The steps on the way down, each stricter than the one before; shares of throttles are 0.1 to 1.
    public var steps: [HoldStep]
    /// The first step for VMs of a workload class, where it is not the first of all.
    public var starts: [String: HoldStep] = [:]
    /// The last step for VMs of a workload class, where it is not the last of all.
    public var ceilings: [String: HoldStep] = [:]
    /// Seconds for which a VM is suspended at most before it goes back to the step before.
    public var suspendFor = 30.0
    /// Seconds in force before the next step down may be taken.
    public var stepAfter: Double
    /// Seconds after which a lease ends whatever happens.
    public var lease: Double
    /// Seconds for which victim and culprit must both be calm before the way up begins.
    public var calm: Double
    /// How much of the way back up each step takes, above 0 and at most 0.1.
    public var raise: Double
    /// Seconds between steps up.
    public var raiseEvery: Double
    /// Seconds at the last step after which a victim that is no better acquits the culprit.
    public var verify: Double
    /// Seconds for which an acquitted VM is not held for the same victim again.
    public var acquittal: Double

    /// A ladder for the CPU with the defaults that the shipped policy uses.
    ///
    /// - Parameter name: Its name.
    public init(name: String) {
        self.name = name
        self.contention = .cpu
        self.steps = [.throttle(0.6), .throttle(0.35), .throttle(0.2)]
        self.stepAfter = 3
        self.lease = 300
        self.calm = 10
        self.raise = 0.1
        self.raiseEvery = 1
        self.verify = 15
        self.acquittal = 600
    }
}

/// The blast radius: how much may be held at once and how fast Quell may act.
public struct BlastLimits: Equatable, Sendable {
    /// VMs held at once, at least 0.
    public var heldVMs: Int
    /// The share of all running VMs' vCPUs held at once, 0 to 1.
    ///
    /// One VM may always be held where `heldVMs` allows it.
    public var heldVCPUShare: Double
    /// New holds and steps down within any 60 seconds.
    ///
    /// Releases and steps up are never limited.
    public var actionsPerMinute: Int
    /// VMs in quarantine or suspended at once, at least 0.
    public var quarantinedVMs = 1
    /// VMs suspended at once, at least 0; none unless an operator asks for it.
    public var suspendedVMs = 0

    /// The limits of a fresh install.
    ///
    /// - Parameters:
    ///   - heldVMs: VMs held at once.
    ///   - heldVCPUShare: The share of all vCPUs held at once.
    ///   - actionsPerMinute: New holds and steps down within any 60 seconds.
    public init(heldVMs: Int = 2, heldVCPUShare: Double = 0.25, actionsPerMinute: Int = 6) {
        self.heldVMs = heldVMs
        self.heldVCPUShare = heldVCPUShare
        self.actionsPerMinute = actionsPerMinute
    }
}
