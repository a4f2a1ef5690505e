/// What the ladder wants done to a VM.
///
/// The enforcer turns it into a lease, or into a line that says what it would do.
public enum Intent: Equatable, Sendable {
    /// Hold the VM's vCPUs to a cap, under a new lease or as a change of the one that it has.
    case throttle(ThrottleOrder)
    /// Give the VM back what it had before.
    case release(VMIdentity, ReleaseReason)
}

/// An order to hold a VM's vCPUs to a share of their time.
public struct ThrottleOrder: Equatable, Sendable {
    /// The VM to hold.
    public var vm: VMIdentity
    /// Its name, for people only.
    public var name: String
    /// The share of each vCPU's time that it may use, above 0 and at most 1.
    public var cap: Double
    /// Its vCPUs.
    public var vcpus: Int
    /// Seconds from now after which the lease ends whatever happens.
    public var term: Double
    /// The name of the rule that asked for it.
    public var rule: String
    /// The VM that it is held back for.
    public var victim: VMIdentity
    /// The victim's name, for people only.
    public var victimName: String

    /// An order.
    ///
    /// - Parameters:
    ///   - vm: The VM to hold.
    ///   - name: Its name.
    ///   - cap: The share of each vCPU's time, above 0 and at most 1.
    ///   - vcpus: Its vCPUs.
    ///   - term: Seconds after which the lease ends.
    ///   - rule: The rule that asked for it.
    ///   - victim: The VM that it is held back for.
    ///   - victimName: The victim's name.
    public init(
        vm: VMIdentity,
        name: String,
        cap: Double,
        vcpus: Int,
        term: Double,
        rule: String,
        victim: VMIdentity,
        victimName: String
    ) {
        self.vm = vm
        self.name = name
        self.cap = cap
        self.vcpus = vcpus
        self.term = term
        self.rule = rule
        self.victim = victim
        self.victimName = victimName
    }
}

/// Why a VM is let go.
public enum ReleaseReason: String, Sendable, CaseIterable, Codable {
    /// It has been calm for long enough and was let back up step by step.
    case calm
    /// The lease came to its end.
    case expired
    /// Holding it did not help the victim: it was not the culprit.
    case noEffect = "no-effect"
    /// The daemon stops.
    case shutdown
    /// A daemon before this one left the lease behind.
    case recovered
    /// An operator asked for it.
    case operatorRequest = "operator"
    /// The policy no longer allows it.
    case policy
    /// The VM is gone, and its limits with it.
    case gone
}

/// What became of an intent; the ladder learns of it, and the journal tells it.
public enum LeaseEvent: Equatable, Sendable {
    /// A new lease is in force, read back from the hypervisor.
    case granted(ThrottleOrder, lease: UInt64)
    /// The cap of a lease was changed and read back.
    case adjusted(ThrottleOrder, lease: UInt64)
    /// Dry run: this is what would have been done.
    case wouldThrottle(ThrottleOrder)
    /// Dry run: this is what would have been undone.
    case wouldRelease(VMIdentity, name: String, ReleaseReason)
    /// What the VM had before is in force again, read back.
    case released(VMIdentity, name: String, lease: UInt64, ReleaseReason)
    /// Somebody else set the value meanwhile: the lease is ended and their value left alone.
    case handedOver(VMIdentity, name: String, lease: UInt64, found: String)
    /// It could not be done; nothing is in force that is not in the ledger.
    case failed(VMIdentity, name: String, String)
}
