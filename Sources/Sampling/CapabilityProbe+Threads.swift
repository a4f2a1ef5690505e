internal import Signals

extension CapabilityProbe {
    /// What is read of a VM every tenth tick: its threads' moves and waits, its tasks, the memory swapped out.
    static func slowly(_ signal: Signal, _ facts: HostFacts) -> Capability {
        switch signal {
        case .cpuMigrations: migrations(signal, facts)
        case .memSwapHeld: swap(signal, facts)
        case .qemuRunDelay: runDelay(signal, facts)
        default:
            Capability(
                signal: signal,
                state: .available,
                source: signal == .qemuThreads && facts.hasPIDs
                    ? "pids.current of the VM's cgroup, else /proc/<pid>/stat, every tenth tick"
                    : "/proc/<pid>, every tenth tick"
            )
        }
    }

    /// Moves between CPUs.
    private static func migrations(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/proc/<pid>/task/<tid>/sched of the vCPUs, every tenth tick"
        if facts.hasSchedFile { return Capability(signal: signal, state: .available, source: source) }
        let state = Capability.State.notAvailable("the kernel does not tell how often threads are moved")
        let remedy = "a kernel with CONFIG_SCHED_DEBUG, or Linux 6.15"
        return Capability(signal: signal, state: state, source: source, remedy: remedy)
    }

    /// Waits of emulator and I/O threads.
    private static func runDelay(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/proc/<pid>/task/<tid>/schedstat of emulator and I/O threads, every tenth tick"
        if facts.hasSchedStat { return Capability(signal: signal, state: .available, source: source) }
        let state = Capability.State.notAvailable("the kernel tells no run delay of threads")
        return Capability(signal: signal, state: state, source: source, remedy: "a kernel with CONFIG_SCHED_INFO")
    }

    /// Memory that the host has swapped out.
    private static func swap(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let isV2 = facts.unifiedControllers.contains("memory")
        let source = isV2 ? "memory.swap.current of the VM's cgroup (v2)" : "memory.stat of the VM's cgroup (v1)"
        guard isV2 || facts.legacyControllers.contains("memory") else {
            let state = Capability.State.notAvailable("no memory controller is mounted")
            let remedy = "enable the memory controller (cgroup_enable=memory)"
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        if facts.accountsSwap { return Capability(signal: signal, state: .available, source: source) }
        let state = Capability.State.notAvailable("the kernel does not account swap to cgroups")
        let remedy = "a kernel with CONFIG_SWAP, booted with swapaccount=1"
        return Capability(signal: signal, state: state, source: source, remedy: remedy)
    }
}
