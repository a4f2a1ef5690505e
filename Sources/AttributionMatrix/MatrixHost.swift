public import Signals

/// A host with a known truth, made from a seed: VMs with loads of their own, domains that they share, and what goes on.
///
/// Suffering comes of queues, caches and memory that all VMs of a domain load, never of what attribution looks for.
public struct MatrixHost: Sendable {
    /// What VMs contend for.
    public let contention: Contention
    /// What goes on.
    public let scenario: MatrixScenario
    /// The seed.
    public let seed: UInt64
    /// The rows of the culprits, empty where nobody is to blame.
    public internal(set) var culprits: [Int] = []
    /// The row of who hurts the culprit over ``secondContention``; `nil` where nobody does.
    public internal(set) var second: Int?
    /// When it begins.
    public internal(set) var onset = 60

    /// Ticks that are played.
    public static let ticks = 170

    /// The VMs by row.
    var vms: [MatrixVM] = []
    /// The domains.
    var domains: [Domain] = []
    /// The domain of the event.
    var scene = 0
    /// CPUs of each pool, for the CPU.
    var poolCPUs = 8
    /// Whether where VMs lie can be read.
    var tellsPlaces = true
    /// Whether the host's own pressure can be read.
    var tellsPressure = true
    /// Whether cache and bandwidth can be read by VM, or misses alone.
    var tellsCache = true
    /// Whether what is swapped out can be read.
    var tellsSwap = true
    /// The part of readings that is missing.
    var lost = 0.0
    /// Its chance.
    var random: SplitMix64

    /// VMs on it.
    public var count: Int { vms.count }

    /// The other resource of a host of two: the CPU, or a disk where the first is the CPU.
    public var secondContention: Contention { contention == .cpu ? .disk : .cpu }

    /// The signal by which VMs suffer.
    public var suffering: Signal { Self.suffering(contention) }

    /// The signal by which VMs suffer over a resource.
    static func suffering(_ contention: Contention) -> Signal {
        switch contention {
        case .cpu: .cpuRunDelay
        case .memory: .memPressureFull
        case .disk: .ioPressureFull
        case .network: .netDrops
        case .gpu, .power: .gpuThrottleReasons
        case .llc, .memoryBandwidth, .busLock: .perfCPI
        }
    }

    /// The victim rules of the host.
    public var rules: [Rule] {
        let kinds = second == nil ? [contention] : [contention, secondContention]
        return kinds.map { contention in
            var rule = Rule(name: "hurt-\(contention.rawValue)", signal: Self.suffering(contention), role: .victim)
            rule.sustain = 1
            rule.deviation = 4
            switch contention {
            case .cpu: rule.above = 0.05
            case .memory: rule.above = 0.05
            case .disk: rule.above = 0.4
            case .network: rule.above = 50
            case .gpu, .power:
                rule.above = 0.9
                rule.deviation = nil
            case .llc, .memoryBandwidth, .busLock: rule.deviation = 6
            }
            return rule
        }
    }

    /// The frame before the first tick, with all VMs in it.
    public func frame() -> Frame {
        var frame = Frame(hostCPUs: poolCPUs * domains.count)
        for row in vms.indices {
            let vm = vms[row]
            var record = VMRecord(
                identity: VMIdentity(uuid: VMUUID(high: seed, low: UInt64(row)), generation: 1),
                name: "vm\(row)",
                tenant: vm.tenant.map { .known("t\($0)") } ?? .unknown,
                vcpus: vm.vcpus,
                weight: vm.weight
            )
            record.ownQuota = vm.quota
            if tellsPlaces { record.scope = place(of: row) }
            _ = frame.place(record)
        }
        return frame
    }

    /// Where a VM lies.
    private func place(of row: Int) -> VMScope {
        let domain = UInt32(vms[row].domain)
        var scope = VMScope()
        scope.cpus = (domain * UInt32(poolCPUs)..<(domain + 1) * UInt32(poolCPUs)).map { $0 }
        scope.caches = [domain]
        scope.nodes = [domain]
        scope.disks = [8 << 20 | domain]
        scope.links = [2 + domain]
        scope.gpus = contention == .power ? [UInt32(row)] : [domain]
        return scope
    }

    /// Whether a VM lies where the event is.
    public func isOnScene(_ row: Int) -> Bool { vms[row].domain == scene }
}
