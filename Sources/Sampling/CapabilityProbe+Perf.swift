internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// Performance counters.
    static func perf(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "perf_event_open, by the VM's cgroup"
        func lack(_ why: String, _ remedy: String) -> Capability {
            Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        }
        guard let paranoid = facts.perfParanoid else {
            return lack("\(PerfProblem.noPerf)", "a kernel with CONFIG_PERF_EVENTS and CONFIG_CGROUP_PERF")
        }
        guard facts.hasPMU else {
            return lack("\(PerfProblem.noCounters)", "run on bare metal or pass the PMU through")
        }
        guard facts.hasUnified || facts.legacyControllers.contains("perf_event") else {
            return lack("no cgroup tree counts events", "mount cgroup v2, or cgroup v1 with perf_event")
        }
        guard paranoid <= 0 || facts.mayCountOthers else {
            let why = "kernel.perf_event_paranoid is \(paranoid) and the agent has no CAP_PERFMON"
            return lack(why, "AmbientCapabilities=CAP_PERFMON, or sysctl kernel.perf_event_paranoid=0")
        }
        let capacity = PerfSource.capacity(cpus: facts.onlineCPUs)
        guard capacity > 0 else {
            let why = "one VM on \(facts.onlineCPUs) CPUs would take more than \(PerfSource.descriptors) descriptors"
            return Capability(signal: signal, state: .notAvailable(why), source: source)
        }
        let state = Capability.State.degraded("of \(capacity) VMs at a time, in turns, and of none under load")
        return Capability(signal: signal, state: state, source: source)
    }
}
