import Enforcement
import HostReaders
import Libvirt
import Sampling
import Signals

/// What a held VM had before Quell held it, of what libvirt's description of it now tells otherwise.
struct OwnSettings: Equatable {
    /// The quota of each vCPU.
    var quota: VCPUQuota?
    /// The CPU weight.
    var shares: UInt64?

    /// Takes in what a lease says was before.
    mutating func take(_ lease: Lease) {
        switch (lease.knob, lease.before) {
        case (.vcpuQuota, .quota(let before)): quota = before
        case (.cpuShares, .shares(let before)): shares = before
        default: break
        }
    }
}

/// Makes of what libvirt says of a domain what the sampler must know of a VM.
struct DomainTranslator: Sendable {
    /// Where the kernel's files are.
    let roots: HostRoots
    /// The CPU weight of a VM that was given none: 100 on cgroup v2, 1024 on v1.
    let usualShares: Double

    /// A translator for a host.
    init(roots: HostRoots) {
        self.roots = roots
        let isUnified = KernelFile(directory: roots.cgroup, name: "cgroup.controllers").isOpen
        usualShares = isUnified ? 100 : 1_024
    }

    /// The VM of a domain; `nil` where its QEMU process is not to be found, as while it starts or stops.
    ///
    /// - Parameters:
    ///   - domain: What libvirt says of it.
    ///   - status: Whether it runs and what is done with it; `nil` where libvirt did not say.
    ///   - leased: What the VM had before Quell held it; `nil` while it is not held.
    /// - Returns: What the sampler must know of it.
    func vm(_ domain: DomainDescription, status: DomainStatus?, leased: (VMIdentity) -> OwnSettings?) -> VMDescription?
    {
        guard
            let process = QEMUProcess.locate(uuid: domain.uuid.description, name: domain.name, roots: roots)
        else { return nil }
        let identity = VMIdentity(uuid: domain.uuid, generation: process.startTicks)
        var record = VMRecord(
            identity: identity,
            name: domain.name,
            tenant: Self.tenant(domain.tenants),
            workloadClass: domain.workloadClass ?? "standard",
            vcpus: domain.vcpus,
            weight: 1
        )
        let own = leased(identity)
        if let shares = own?.shares ?? domain.cpuShares { record.weight = max(0.01, Double(shares) / usualShares) }
        let quota = own?.quota ?? domain.quota
        record.ownQuota = quota?.share.map { $0 * Double(domain.vcpus) }
        if let status {
            record.running = status.power.mayRun
            record.activity = status.job.activity
        }
        var vm = VMDescription(
            record: record,
            pid: process.pid,
            taps: domain.tapNames,
            pciDevices: domain.hostPCI,
            mdevs: domain.mdevs.map { $0.lowercased() }
        )
        vm.diskSources = domain.disks.compactMap(\.source)
        vm.slowNeeds = SlowNeeds(
            hasDisks: domain.disks.contains { $0.source != nil },
            hasBalloonStats: domain.balloonPeriod != nil,
            usesKVM: domain.usesKVM,
            memory: domain.memory ?? 0
        )
        return vm
    }

    /// Exactly one tenant, or what is wrong.
    static func tenant(_ names: [String]) -> Tenant {
        switch names.count {
        case 0: .unknown
        case 1: .known(names[0])
        default: .conflicting(names)
        }
    }

    /// What the slow tier learned of a VM, in the sampler's terms.
    ///
    /// - Parameters:
    ///   - stats: What libvirt said.
    ///   - identity: The VM.
    ///   - asked: What it was asked for.
    ///   - time: When it said so.
    ///   - wall: The wall clock then, in seconds since 1970.
    ///   - latency: Seconds that the call took for this VM; `nil` where QEMU had no part in it.
    /// - Returns: The readings.
    static func readings(
        _ stats: DomainStats,
        of identity: VMIdentity,
        asked: StatsGroups,
        at time: MonotonicTime,
        wall: UInt64,
        latency: Double?
    ) -> SlowReadings {
        var readings = SlowReadings(identity: identity, time: time)
        readings.latency = latency
        if let balloon = stats.balloon {
            readings.balloonUsable = balloon.usable
            readings.balloonAge = balloon.lastUpdate.map { wall > $0 ? Double(wall - $0) : 0 }
            readings.swapIn = balloon.swapIn
            readings.swapOut = balloon.swapOut
        }
        if asked.contains(.vcpu), !stats.missed.contains(.vcpu) {
            readings.vcpus = stats.vcpus.map { vcpu in
                var counts = SlowReadings.VCPU(index: vcpu.index)
                counts.exits = vcpu.exits
                counts.haltPolls = vcpu.haltPolls
                counts.interrupts = vcpu.interrupts
                return counts
            }
        }
        if asked.contains(.dirtyRate) {
            readings.dirtyRate = dirtyRate(stats.dirtyRate)
        }
        if asked.contains(.block), !stats.missed.contains(.block) {
            readings.disks = stats.blocks.compactMap { block in
                guard let name = block.name else { return nil }
                var disk = SlowReadings.Disk(name: name)
                disk.readBytes = block.readBytes
                disk.writeBytes = block.writeBytes
                disk.readOps = block.readRequests
                disk.writeOps = block.writeRequests
                if let read = block.readTime, let write = block.writeTime { disk.time = read &+ write }
                disk.flushes = block.flushRequests
                disk.allocation = block.allocation
                return disk
            }
        }
        return readings
    }
}

extension DomainTranslator {
    /// What a measurement of the dirty rate found: `missing` where it is not over or failed.
    private static func dirtyRate(_ rate: DomainStats.DirtyRate?) -> Reading {
        guard let rate, rate.isMeasured == true, let bytes = rate.bytesPerSecond else { return .missing }
        return Reading(Double(bytes))
    }
}

extension DomainPower {
    /// Whether vCPUs in this state may run; a state that libvirt does not know counts as running.
    var mayRun: Bool {
        switch self {
        case .running, .blocked, .shuttingDown, .unknown: true
        case .paused, .shutOff, .crashed, .suspended: false
        }
    }
}
