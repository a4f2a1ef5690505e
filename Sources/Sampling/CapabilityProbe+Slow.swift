internal import Signals

extension CapabilityProbe {
    /// What libvirt alone tells.
    static func libvirt(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "libvirt, the slow tier"
        switch facts.libvirt {
        case .unreachable(let why):
            let state = Capability.State.notAvailable("libvirt cannot be asked: " + why)
            return Capability(signal: signal, state: state, source: source, remedy: "start libvirtd")
        case .reachable:
            guard signal == .memBalloonUsable || signal == .memSwapIn || signal == .memSwapOut else {
                return Capability(signal: signal, state: .available, source: source)
            }
            let remedy = "<memballoon model='virtio'><stats period='10'/></memballoon> and a driver in the guest"
            let state = Capability.State.degraded("only of guests whose balloon driver tells it")
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
    }

    /// The interfaces of VMs.
    static func network(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/proc/net/dev"
        guard facts.hasNetDev else {
            let state = Capability.State.notAvailable("/proc/net/dev cannot be read")
            return Capability(signal: signal, state: state, source: source)
        }
        guard signal == .netMulticast else { return Capability(signal: signal, state: .available, source: source) }
        let state = Capability.State.degraded("the tun driver counts no multicast; only a driver that does is told")
        return Capability(signal: signal, state: state, source: source)
    }

    /// Signals whose reader is not written yet, whatever the host offers.
    static func unread(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source: String
        switch signal {
        case .cpuMigrations: source = "/proc/<pid>/task/<tid>/sched"
        case .memDirtyRate: source = "libvirt dirty-rate statistics"
        case .netSpoofed: source = "packet filter counters"
        case .netNeighbours: source = "the bridge's forwarding table"
        default: source = "/sys/kernel/debug/kvm" + (facts.hasKVMStats ? "" : " (not there)")
        }
        return notRead(signal, source)
    }

    /// Cache and memory bandwidth.
    static func resctrl(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = facts.resctrl ?? "/sys/fs/resctrl"
        let flag: String
        switch signal {
        case .llcOccupancy: flag = "cqm_occup_llc"
        case .mbmTotal: flag = "cqm_mbm_total"
        case .mbmLocal: flag = "cqm_mbm_local"
        case .hostFreeRMIDs: flag = "cqm"
        default: flag = "rdt_a"
        }
        if !facts.cpuFlags.contains(flag) {
            return notRead(signal, source, "the CPU does not have \(flag)", remedy: "a CPU with \(flag)")
        }
        if !facts.knowsResctrl {
            let remedy = "a kernel with CONFIG_X86_CPU_RESCTRL"
            return notRead(signal, source, "the kernel has no resctrl", remedy: remedy)
        }
        if facts.resctrl == nil {
            return notRead(signal, source, "resctrl is not mounted", remedy: "mount -t resctrl resctrl /sys/fs/resctrl")
        }
        return notRead(signal, source)
    }

    /// Performance counters.
    static func perf(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "perf_event_open"
        guard facts.perfParanoid != nil else {
            return notRead(signal, source, "the kernel has no perf events", remedy: "a kernel with CONFIG_PERF_EVENTS")
        }
        guard facts.hasPMU else {
            let why = "the CPU's performance counters are not there, as in most virtual machines"
            return notRead(signal, source, why, remedy: "run on bare metal or pass the PMU through")
        }
        return notRead(signal, source)
    }

    /// Split locks from the kernel log.
    static func splitLocks(_ signal: Signal, _ facts: HostFacts) -> Capability {
        guard facts.cpuFlags.contains("split_lock_detect") else {
            let why = "the CPU does not trap split locks"
            return notRead(signal, "/dev/kmsg", why, remedy: "a CPU with split_lock_detect")
        }
        return notRead(signal, "/dev/kmsg", facts.hasKernelLog ? nil : "the kernel log cannot be read")
    }

    /// GPUs.
    static func gpu(_ signal: Signal, _ facts: HostFacts) -> Capability {
        guard facts.hasNVIDIADevice else {
            return notRead(signal, "NVML", "no NVIDIA device is bound to the host's driver")
        }
        guard facts.hasNVML else {
            return notRead(signal, "NVML", "libnvidia-ml.so.1 is not installed", remedy: "install libnvidia-ml1")
        }
        return notRead(signal, "NVML")
    }

    /// Frequency and power.
    static func power(_ signal: Signal, _ facts: HostFacts) -> Capability {
        if signal == .hostFrequency {
            let why = facts.hasCPUFreq ? nil : "the CPUs do not tell their frequency"
            return notRead(signal, "/sys/devices/system/cpu/*/cpufreq", why)
        }
        let why = facts.hasPowercap ? nil : "there is no powercap tree"
        return notRead(signal, "/sys/class/powercap", why, remedy: why.map { _ in "modprobe intel_rapl_msr" })
    }

    /// Says that no reader is written, and what the host lacks besides.
    private static func notRead(
        _ signal: Signal,
        _ source: String,
        _ lack: String? = nil,
        remedy: String? = nil
    ) -> Capability {
        let why = "\(signal.name) is not read by this version" + (lack.map { "; also, " + $0 } ?? "")
        return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
    }
}
