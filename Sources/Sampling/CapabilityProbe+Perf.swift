internal import Signals

extension CapabilityProbe {
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
}
