/// Whom a VM belongs to.
///
/// A VM belongs to exactly one tenant; anything else is a finding in itself.
public enum Tenant: Hashable, Sendable {
    /// One tenant, by the name that the domain's metadata gives.
    case known(String)
    /// The metadata names nobody.
    case unknown
    /// The metadata names several.
    case conflicting([String])

    /// The tenant as alerts show it.
    public var text: String {
        switch self {
        case .known(let name): name
        case .unknown: "unknown"
        case .conflicting(let names): "conflicting(" + names.joined(separator: ",") + ")"
        }
    }
}

/// Work that a VM is under and that explains unusual counters.
///
/// While any is under way Quell takes no new action on it.
public struct VMActivity: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt8

    /// Wraps the bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// It is being migrated to or from this host.
    public static let migration = VMActivity(rawValue: 1)
    /// A backup, a block copy or a snapshot is being taken.
    public static let backup = VMActivity(rawValue: 2)
    /// It is being saved, restored or dumped.
    public static let save = VMActivity(rawValue: 4)
    /// Its balloon is moving.
    public static let balloon = VMActivity(rawValue: 8)
}

/// What is known of a VM beside its counters.
///
/// It changes with the inventory, not with the tick.
public struct VMRecord: Equatable, Sendable {
    /// Who it is.
    public var identity: VMIdentity
    /// Its libvirt name, for people only.
    public var name: String
    /// Whom it belongs to.
    public var tenant: Tenant
    /// Its workload class from the metadata, `standard` where none is given.
    public var workloadClass: String
    /// Its vCPUs now, at least 1.
    public var vcpus: Int
    /// Its CPU weight relative to a default VM: `cpu.shares`/1024 or `cpu.weight`/100.
    public var weight: Double
    /// The quota that others than Quell have set on it, in cores; `nil` for none.
    public var ownQuota: Double?
    /// Whether its vCPUs may run; `false` while paused.
    public var running: Bool
    /// Work that it is under.
    public var activity: VMActivity
    /// The cap that Quell holds it to, in cores; `nil` while it is not held.
    public var heldCores: Double?
    /// What Quell holds it back over, the CPU included; empty while it is not held.
    public var heldOver: Set<Contention> = []
    /// Where it lies on the host.
    public var scope: VMScope

    /// A running VM that is not held.
    ///
    /// - Parameters:
    ///   - identity: Who it is.
    ///   - name: Its libvirt name.
    ///   - tenant: Whom it belongs to.
    ///   - workloadClass: Its workload class.
    ///   - vcpus: Its vCPUs, at least 1.
    ///   - weight: Its CPU weight relative to a default VM.
    public init(
        identity: VMIdentity,
        name: String,
        tenant: Tenant = .unknown,
        workloadClass: String = "standard",
        vcpus: Int = 1,
        weight: Double = 1
    ) {
        self.identity = identity
        self.name = name
        self.tenant = tenant
        self.workloadClass = workloadClass
        self.vcpus = max(1, vcpus)
        self.weight = weight
        self.ownQuota = nil
        self.running = true
        self.activity = []
        self.heldCores = nil
        self.scope = VMScope()
    }
}

extension VMRecord {
    /// Whether Quell holds it back in any way: what it uses and suffers then is not its own doing.
    public var isHeld: Bool { heldCores != nil || !heldOver.isEmpty }

    /// Notes a hold that is in force.
    ///
    /// - Parameter order: What was ordered.
    public mutating func hold(_ order: HoldOrder) {
        heldOver.insert(order.contention)
        if let share = order.coreShare { heldCores = share * Double(order.vcpus) }
    }

    /// Takes over what is known of holds from the record of the same VM before; nothing is held without one.
    ///
    /// - Parameter other: The record before.
    public mutating func takeHolds(from other: VMRecord?) {
        heldCores = other?.heldCores
        heldOver = other?.heldOver ?? []
    }

    /// Notes that a hold is over.
    ///
    /// - Parameter contention: What it was held back over.
    public mutating func letGo(_ contention: Contention) {
        heldOver.remove(contention)
        if heldOver.isDisjoint(with: [.cpu, .busLock]) { heldCores = nil }
    }
}
