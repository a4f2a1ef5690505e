import Signals

/// One thing that VMs contend for, with one way to measure who uses how much of it.
struct Resource: Sendable {
    /// What VMs are entitled to.
    enum Entitlement: Sendable {
        /// Weighted fair shares of the CPUs, of which no VM gets more than its vCPUs.
        case fairCPU
        /// A part of all that is used, by vCPUs.
        case byVCPUs
        /// Nothing.
        case none
    }

    /// When the resource counts as contended.
    enum Crowding: Sendable {
        /// The CPUs are in use, or the host's CPU pressure is high.
        case cpus
        /// The host's memory pressure is high, or not read, and VMs use more of it than before.
        case memoryPressure
        /// VMs use more of it while the victim is hurt than while it is not.
        case more
    }

    /// What of the host a resource lies on.
    enum Place: Sendable {
        /// The whole host.
        case host
        /// A part that ``VMScope`` names.
        case cpus, caches, nodes, disks, links, gpus
    }

    /// What VMs contend for.
    var contention: Contention
    /// How their use is measured.
    var use: Use
    /// What they are entitled to.
    var entitlement = Entitlement.byVCPUs
    /// When it counts as contended.
    var crowding = Crowding.more
    /// What of the host two VMs must share to contend for it.
    var place: Place
    /// Use beyond an entitlement that does not matter, in the use's unit.
    var slack: Double
    /// How much more of it VMs use while a victim is hurt where it is contended, as a part of what they use else; 0
    /// where that is not asked.
    var moreUse = 0.25
    /// The part of what others lose while a victim is hurt that its culprits gain at least; 0 where that is not asked.
    ///
    /// What can be given is given to somebody: where all lose and nobody gains, it is something else that takes it.
    var gain = 0.0
    /// Whether a victim's own use tells what it does; `false` where it also rises because the victim is hurt.
    var ownTold = true
    /// Whether its lack hits everybody who uses it alike, so that who is not hit uses another.
    var hitsAll = false
    /// The most that a finding may be sure of itself.
    var ceiling = 1.0
}

extension Resource {
    /// CPU time.
    static let cpu = [
        Resource(
            contention: .cpu,
            use: .cpu,
            entitlement: .fairCPU,
            crowding: .cpus,
            place: .cpus,
            slack: 0.05,
            moreUse: 0
        )
    ]
    /// Host memory.
    static let memory = [
        Resource(
            contention: .memory,
            use: .memory,
            crowding: .memoryPressure,
            place: .nodes,
            slack: 64 * 1_048_576,
            moreUse: 0.01
        )
    ]
    /// Storage.
    static let disk = [
        Resource(contention: .disk, use: .storage, place: .disks, slack: 1e6),
        Resource(contention: .disk, use: .flushes, place: .disks, slack: 5),
    ]
    /// Bridges and uplinks; what the guest sends first, since what it receives may be another's flood.
    static let network = [
        Resource(contention: .network, use: .sent, place: .links, slack: 1e6),
        Resource(contention: .network, use: .traffic, place: .links, slack: 1e6),
    ]
    /// A GPU and, where nobody else is on it, the power that GPUs share.
    static let gpu = [
        Resource(contention: .gpu, use: .gpu, place: .gpus, slack: 0.05, gain: 0.5),
        Resource(contention: .power, use: .power, place: .host, slack: 10, hitsAll: true),
    ]
    /// The memory bus as one VM locks it.
    static let busLock = [
        Resource(contention: .busLock, use: .locks, entitlement: .none, place: .host, slack: 1)
    ]
    /// What slows instructions: the bus when it is locked, the cache, the memory's bandwidth.
    static let instructions = [
        Resource(contention: .busLock, use: .locks, entitlement: .none, place: .host, slack: 1, ceiling: 0.5),
        Resource(
            contention: .llc,
            use: .occupancy,
            place: .caches,
            slack: 262_144,
            moreUse: 0,
            gain: 0.5,
            ceiling: 0.5
        ),
        Resource(
            contention: .memoryBandwidth,
            use: .bandwidth,
            place: .nodes,
            slack: 50e6,
            gain: 0.5,
            ownTold: false,
            ceiling: 0.5
        ),
        Resource(contention: .llc, use: .misses, place: .caches, slack: 1e5, ownTold: false, ceiling: 0.4),
    ]

    /// What a VM that suffers by a signal may contend for, in the order in which it is looked at; empty for a signal that
    /// tells no suffering.
    ///
    /// - Parameter signal: The signal.
    /// - Returns: The resources.
    static func all(suffering signal: Signal) -> [Resource] {
        switch Contention(suffering: signal) {
        case .cpu: cpu
        case .memory: memory
        case .disk: disk
        case .network: network
        case .gpu, .power: gpu
        case .llc, .memoryBandwidth: instructions
        case .busLock: busLock
        case nil: []
        }
    }
}

extension VMScope {
    /// What of a place a VM lies on; empty where that is not known, and for the whole host.
    ///
    /// - Parameter place: The place.
    /// - Returns: The numbers, in order.
    func at(_ place: Resource.Place) -> [UInt32] {
        switch place {
        case .host: []
        case .cpus: cpus
        case .caches: caches
        case .nodes: nodes
        case .disks: disks
        case .links: links
        case .gpus: gpus
        }
    }
}
