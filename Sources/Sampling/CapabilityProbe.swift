public import HostReaders
internal import Signals

/// Says of every signal whether this host gives it, for `quell doctor`.
public enum CapabilityProbe {
    /// Looks at a host and judges every signal exactly once, in the order of `Signal.allCases`.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - libvirt: Whether libvirt can be asked.
    ///   - versions: libvirt's and QEMU's versions, where they are known.
    /// - Returns: The statements.
    public static func probe(
        _ roots: HostRoots,
        libvirt: HostFacts.LibvirtAccess,
        versions: (libvirt: UInt?, qemu: UInt?) = (nil, nil)
    ) -> [Capability] {
        judge(HostFacts(probing: roots, libvirt: libvirt, versions: versions))
    }

    /// Judges every signal by known facts.
    ///
    /// - Parameter facts: The facts.
    /// - Returns: The statements.
    public static func judge(_ facts: HostFacts) -> [Capability] {
        Signal.allCases.map { judge($0, facts) }
    }

    /// Judges one signal.
    private static func judge(_ signal: Signal, _ facts: HostFacts) -> Capability {
        switch signal {
        case .cpuUsage, .cpuRunDelay, .cpuThrottled, .cpuSystemShare: cpu(signal, facts)
        case .cpuPressureSome, .cpuPressureFull, .memPressureSome, .memPressureFull, .ioPressureSome, .ioPressureFull,
            .hostCPUPressure, .hostMemPressure, .hostIOPressure:
            pressure(signal, facts)
        case .memRSS, .memGrowth, .memMajorFaults, .memOOMEvents: memory(signal, facts)
        case .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps: disk(signal, facts)
        case .memBalloonUsable, .memSwapIn, .memSwapOut, .diskLatency, .diskFlushes, .diskAllocation,
            .libvirtLatency, .libvirtJobAge, .memDirtyRate, .kvmExits, .kvmHaltPolls, .irqInjections:
            libvirt(signal, facts)
        case .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast,
            .netSpoofed, .netNeighbours:
            network(signal, facts)
        case .qemuThreads, .qemuFDs, .cpuMigrations, .memSwapHeld, .qemuRunDelay: slowly(signal, facts)
        case .hostCPUUsage: hostCPU(signal, facts)
        case .hostRunQueue: Capability(signal: signal, state: .available, source: "/proc/loadavg")
        case .vmAnomaly: Capability(signal: signal, state: .available, source: "worked out of the VM's counters")
        case .agentCPU, .agentRSS: Capability(signal: signal, state: .available, source: "/proc/self/stat")
        case .agentTickLag: Capability(signal: signal, state: .available, source: "the agent's own clock")
        case .pciAERErrors, .pciIOMMUFaults: pci(signal, facts)
        case .llcOccupancy, .mbmTotal, .mbmLocal, .hostFreeCLOS, .hostFreeRMIDs: resctrl(signal, facts)
        case .perfCPI, .perfLLCMissRate: perf(signal, facts)
        case .busSplitLocks: splitLocks(signal, facts)
        case .gpuSMUtil, .gpuMemUsed, .gpuMemBandwidthUtil, .gpuPower, .gpuThrottleReasons, .gpuECC, .gpuXID,
            .gpuPCIeRx, .gpuPCIeTx:
            gpu(signal, facts)
        case .hostFrequency, .hostPowerHeadroom: power(signal, facts)
        }
    }

    /// CPU time, its waits and its limits.
    private static func cpu(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let isV1 = facts.legacyControllers.contains("cpu")
        let hasQuota = isV1 || facts.unifiedControllers.contains("cpu")
        switch signal {
        case .cpuRunDelay:
            let source = "/proc/<pid>/task/<tid>/schedstat of the vCPUs"
            if facts.hasSchedStat { return Capability(signal: signal, state: .available, source: source) }
            let why = "the kernel tells no run delay of threads"
            return Capability(
                signal: signal,
                state: .notAvailable(why),
                source: source,
                remedy: "a kernel with CONFIG_SCHED_INFO"
            )
        case .cpuThrottled:
            let source = "cpu.stat of the vCPUs' cgroups (\(isV1 ? "v1" : "v2"))"
            if hasQuota { return Capability(signal: signal, state: .available, source: source) }
            let why = "no cpu controller is mounted"
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: "mount cgroup v2")
        default:
            if facts.hasUnified {
                return Capability(signal: signal, state: .available, source: "cpu.stat of the VM's cgroup (v2)")
            }
            if facts.legacyControllers.contains("cpuacct") {
                return Capability(signal: signal, state: .available, source: "cpuacct of the VM's cgroup (v1)")
            }
            let source = "/proc/<pid>/stat"
            if signal == .cpuSystemShare {
                let why = "no cgroup counts CPU time"
                return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: "mount cgroup v2")
            }
            let why = "no cgroup counts CPU time; the process's own is in steps of 10 ms"
            return Capability(signal: signal, state: .degraded(why), source: source, remedy: "mount cgroup v2")
        }
    }

    /// CPU time of the host.
    private static func hostCPU(_ signal: Signal, _ facts: HostFacts) -> Capability {
        if facts.hasUnified {
            return Capability(signal: signal, state: .available, source: "cpu.stat of the root cgroup (v2)")
        }
        if facts.legacyControllers.contains("cpuacct") {
            return Capability(signal: signal, state: .available, source: "cpuacct of the root cgroup (v1)")
        }
        let why = "no cgroup counts CPU time"
        return Capability(signal: signal, state: .notAvailable(why), source: "cpu.stat", remedy: "mount cgroup v2")
    }

    /// Stall times of VMs and of the host.
    private static func pressure(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let isHost = signal.scope == .host
        let source = isHost ? "/proc/pressure" : "*.pressure of the VM's cgroup (v2)"
        switch facts.psi {
        case .disabled:
            let why = "pressure stall information is switched off"
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: "boot with psi=1")
        case .absent:
            let why = "the kernel has no pressure stall information, or it is switched off"
            let remedy = "a kernel with CONFIG_PSI, booted with psi=1"
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        case .present:
            if isHost || facts.hasUnified { return Capability(signal: signal, state: .available, source: source) }
            let why = "pressure of single VMs needs a cgroup v2 tree"
            let remedy = "mount cgroup2 at /sys/fs/cgroup/unified"
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        }
    }

    /// Memory held, its growth and its faults.
    private static func memory(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let isV2 = facts.unifiedControllers.contains("memory")
        if isV2 || facts.legacyControllers.contains("memory") {
            let file = signal == .memOOMEvents ? (isV2 ? "memory.events" : "memory.oom_control") : "memory.stat"
            let source = "\(file) of the VM's cgroup (\(isV2 ? "v2" : "v1"))"
            return Capability(signal: signal, state: .available, source: source)
        }
        let remedy = "enable the memory controller (cgroup_enable=memory)"
        let why = "no memory controller is mounted"
        guard signal != .memOOMEvents else {
            return Capability(signal: signal, state: .notAvailable(why), source: "memory.events", remedy: remedy)
        }
        let part = why + "; the process's own counters stand in"
        return Capability(signal: signal, state: .degraded(part), source: "/proc/<pid>/stat", remedy: remedy)
    }

    /// Storage traffic.
    private static func disk(_ signal: Signal, _ facts: HostFacts) -> Capability {
        if facts.unifiedControllers.contains("io") {
            return Capability(signal: signal, state: .available, source: "io.stat of the VM's cgroup (v2)")
        }
        let isOps = signal == .diskReadOps || signal == .diskWriteOps
        let isReachable = facts.libvirt == .reachable
        let hasBlkIO = facts.legacyControllers.contains("blkio")
        let second = isOps ? "libvirt block statistics" : "/proc/<pid>/io"
        let source = (hasBlkIO ? "blkio.throttle.*, else " : "") + second
        if isOps ? !isReachable && !hasBlkIO : !facts.hasProcessIO && !hasBlkIO && !isReachable {
            let why = "no io controller, and nothing to stand in for it"
            return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: "boot with cgroup v2")
        }
        let why = isOps ? "from the slow tier unless the kernel counts in blkio" : "writes count when pages are dirtied"
        return Capability(signal: signal, state: .degraded(why), source: source, remedy: "boot with cgroup v2")
    }
}
