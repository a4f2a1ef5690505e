/// What the ladder wants done to a VM.
///
/// The enforcer turns it into leases, or into a line that says what it would do.
public enum Intent: Equatable, Sendable {
    /// Hold the VM back, under new leases or as a change of those that it has for the same contention.
    case hold(HoldOrder)
    /// Give the VM back what it had before.
    case release(HoldKey, ReleaseReason)
}

/// Which hold is meant: a VM may be held over several things at once, each by itself.
public struct HoldKey: Hashable, Sendable {
    /// The VM.
    public var vm: VMIdentity
    /// What it is held back over.
    public var contention: Contention

    /// A hold.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - contention: What it is held back over.
    public init(_ vm: VMIdentity, _ contention: Contention) {
        self.vm = vm
        self.contention = contention
    }
}

/// How far a VM is held back; each step is stricter than the one before.
public enum HoldStep: Hashable, Sendable {
    /// To a share, above 0 and at most 1: of each vCPU's time over the CPU, else of what the VM used when it was blamed.
    case throttle(Double)
    /// Pinned to the quarantine CPUs, in the smallest cache group, its links filtered or down, as the policy says.
    case quarantine
    /// Its vCPUs stopped.
    case suspend
}

extension HoldStep: Comparable, CustomStringConvertible {
    /// Whether a step holds back less than another.
    public static func < (left: HoldStep, right: HoldStep) -> Bool { left.strictness < right.strictness }

    /// 0 to 1 for throttles, 2 and 3 for what follows.
    private var strictness: Double {
        switch self {
        case .throttle(let share): 1 - share
        case .quarantine: 2
        case .suspend: 3
        }
    }

    /// The share that a throttle leaves; `nil` for the other steps.
    public var share: Double? {
        guard case .throttle(let share) = self else { return nil }
        return share
    }

    /// The step as policies write it: `35%`, `quarantine`, `suspend`.
    public var description: String {
        switch self {
        case .throttle(let share): Unit.ratio.text(share)
        case .quarantine: "quarantine"
        case .suspend: "suspend"
        }
    }
}

/// What a VM used when it was blamed: what shares of a throttle other than of the CPU are shares of.
///
/// It stays the same for all of a hold. What was not read is `nil`, and nothing is throttled by it.
public struct HoldUse: Equatable, Sendable {
    /// Bytes a second read from and written to its disks.
    public var diskBytes: Double?
    /// Operations a second on its disks.
    public var diskOps: Double?
    /// Bytes a second towards it.
    public var receive: Double?
    /// Bytes a second from it.
    public var transmit: Double?
    /// Bytes of its memory that its guest does not need, fresh from its balloon driver.
    public var usable: Double?

    /// Nothing known.
    public init() {}
}

/// What a quarantine does beyond the last throttle; all of it off by default.
public struct QuarantinePlan: Equatable, Sendable {
    /// What is done to the links of a VM in quarantine.
    public enum Links: String, Sendable, CaseIterable {
        /// Nothing.
        case keep
        /// Its interfaces get a filter that lets no false source address out (`clean-traffic`).
        case antiSpoof = "anti-spoof"
        /// Its interfaces get a filter that lets nothing through.
        case isolate
        /// Its links go down.
        case down
    }

    /// The host CPUs that it may use; empty for all.
    public var cpus: CPUSet
    /// What is done to its links.
    public var links: Links
    /// The share of each vCPU's time that it keeps, 0.1 to 1.
    public var share: Double

    /// A plan.
    ///
    /// - Parameters:
    ///   - cpus: The host CPUs that it may use; empty for all.
    ///   - links: What is done to its links.
    ///   - share: The share of each vCPU's time that it keeps.
    public init(cpus: CPUSet = CPUSet(), links: Links = .keep, share: Double = 0.2) {
        self.cpus = cpus
        self.links = links
        self.share = share
    }
}

/// An order to hold a VM back over one contention.
public struct HoldOrder: Equatable, Sendable {
    /// Who wants it.
    public enum Origin: String, Sendable, CaseIterable, Codable {
        /// The ladder, for the sake of a victim.
        case ladder
        /// A person, by `quell hold`.
        case person
        /// Another host's Quell, before the VM was migrated here or restored from a save.
        case arrived
    }

    /// The VM to hold.
    public var vm: VMIdentity
    /// Its name, for people only.
    public var name: String
    /// Its vCPUs.
    public var vcpus: Int
    /// What it is held back over.
    public var contention: Contention
    /// How far.
    public var step: HoldStep
    /// What it used when it was blamed.
    public var use = HoldUse()
    /// What a quarantine does.
    public var quarantine = QuarantinePlan()
    /// Whether the soft limit of memory may be set where the kernel takes it for `memory.high` (cgroup v2).
    public var allowsMemoryHigh = false
    /// Seconds from now after which the leases end whatever happens.
    public var term: Double
    /// Who wants it.
    public var origin = Origin.ladder
    /// The name of the rule that asked for it; of a person, what they gave as the reason.
    public var rule: String
    /// The VM that it is held back for; `nil` where a person holds it for nobody in particular.
    public var victim: VMIdentity?
    /// The victim's name, for people only.
    public var victimName: String

    /// An order.
    ///
    /// - Parameters:
    ///   - vm: The VM to hold.
    ///   - name: Its name.
    ///   - vcpus: Its vCPUs.
    ///   - contention: What it is held back over.
    ///   - step: How far.
    ///   - term: Seconds after which the leases end.
    ///   - rule: The rule that asked for it.
    ///   - victim: The VM that it is held back for.
    ///   - victimName: The victim's name.
    public init(
        vm: VMIdentity,
        name: String,
        vcpus: Int,
        contention: Contention = .cpu,
        step: HoldStep,
        term: Double,
        rule: String,
        victim: VMIdentity?,
        victimName: String
    ) {
        self.vm = vm
        self.name = name
        self.vcpus = vcpus
        self.contention = contention
        self.step = step
        self.term = term
        self.rule = rule
        self.victim = victim
        self.victimName = victimName
    }

    /// Which hold it is.
    public var key: HoldKey { HoldKey(vm, contention) }

    /// The share of each vCPU's time that it leaves; `nil` where it does not limit the vCPUs.
    public var coreShare: Double? {
        switch step {
        case .throttle(let share): contention == .cpu || contention == .busLock ? share : nil
        case .quarantine: quarantine.share
        case .suspend: 0
        }
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
    /// The kill switch was thrown.
    case disarmed
    /// The VM is gone, and its limits with it.
    case gone
}

/// What became of an intent; the ladder learns of it, and the journal tells it.
public enum LeaseEvent: Equatable, Sendable {
    /// A new hold is in force, read back from the host; with every change, and what was left as it is and why.
    case granted(HoldOrder, lease: UInt64, changes: [String] = [])
    /// A hold was changed and read back; with every change.
    case adjusted(HoldOrder, lease: UInt64, changes: [String] = [])
    /// Dry run: this is what would have been done.
    case wouldHold(HoldOrder)
    /// Dry run: this is what would have been undone.
    case wouldRelease(HoldKey, name: String, ReleaseReason)
    /// All that the VM had before is in force again, read back.
    case released(HoldKey, name: String, lease: UInt64, ReleaseReason)
    /// Somebody else set a value meanwhile: the hold is ended and their value left alone.
    case handedOver(HoldKey, name: String, lease: UInt64, found: String)
    /// It could not be done; nothing is in force that is not in the ledger.
    case failed(HoldKey, name: String, String)

    /// Which hold it speaks of.
    public var key: HoldKey {
        switch self {
        case .granted(let order, _, _), .adjusted(let order, _, _), .wouldHold(let order): order.key
        case .wouldRelease(let key, _, _), .released(let key, _, _, _), .handedOver(let key, _, _, _),
            .failed(let key, _, _):
            key
        }
    }
}

extension HoldStep {
    /// The step that a text means: `35%`, `quarantine`, `suspend`; `nil` for any other.
    ///
    /// - Parameter text: The text, as ``description`` writes it.
    public init?(text: String) {
        switch text {
        case "quarantine": self = .quarantine
        case "suspend": self = .suspend
        default:
            guard text.hasSuffix("%"), let number = Double(text.dropLast()), number > 0, number <= 100 else {
                return nil
            }
            self = .throttle(number / 100)
        }
    }
}
