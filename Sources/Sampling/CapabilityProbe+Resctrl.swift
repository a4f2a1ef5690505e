internal import Signals

extension CapabilityProbe {
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
}
