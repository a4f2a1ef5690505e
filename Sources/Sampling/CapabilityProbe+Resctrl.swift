internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// Cache and memory bandwidth.
    static func resctrl(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = facts.resctrl ?? "/sys/fs/resctrl"
        let need = need(of: signal)
        func lack(_ why: String, _ remedy: String) -> Capability {
            Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
        }
        guard facts.resctrl != nil else {
            guard facts.cpuFlags.contains(need.flag) else {
                return lack("the CPU does not have \(need.flag)", "a CPU with \(need.flag)")
            }
            guard facts.knowsResctrl else {
                return lack("the kernel has no resctrl", "a kernel with CONFIG_X86_CPU_RESCTRL")
            }
            return lack("resctrl is not mounted", "mount -t resctrl resctrl /sys/fs/resctrl, then restart quelld")
        }
        let info = facts.resctrlInfo
        switch signal {
        case .hostFreeCLOS:
            guard info.closids != nil else { return lack("the CPU controls neither cache nor bandwidth", need.remedy) }
            return Capability(signal: signal, state: .available, source: source)
        case .hostFreeRMIDs:
            guard info.rmids > 0 else { return lack("the CPU monitors neither cache nor bandwidth", need.remedy) }
            return Capability(signal: signal, state: .available, source: source)
        default:
            guard info.features.contains(need.event) else {
                return lack("info/L3_MON/mon_features has no \(need.event)", need.remedy)
            }
            guard facts.mayMonitor else {
                let why = "only of VMs that libvirt monitors, since only root may put a VM's threads into a group"
                let remedy = "resctrl.conf as a drop-in of the unit (root), or <cachetune> with <monitor> in the XML"
                return Capability(signal: signal, state: .degraded(why), source: source, remedy: remedy)
            }
            return Capability(signal: signal, state: .available, source: "\(source), \(info.rmids) monitoring ids")
        }
    }

    /// What a signal needs of the CPU: its flag, its event in `mon_features`, and what an operator can try.
    private static func need(of signal: Signal) -> (flag: String, event: String, remedy: String) {
        switch signal {
        case .llcOccupancy: ("cqm_occup_llc", "llc_occupancy", "a CPU with cqm_occup_llc, booted with rdt=cmt")
        case .mbmTotal: ("cqm_mbm_total", "mbm_total_bytes", "a CPU with cqm_mbm_total, booted with rdt=mbmtotal")
        case .mbmLocal: ("cqm_mbm_local", "mbm_local_bytes", "a CPU with cqm_mbm_local, booted with rdt=mbmlocal")
        case .hostFreeRMIDs: ("cqm", "", "a CPU with cqm")
        default: ("rdt_a", "", "a CPU with rdt_a (cat_l3, mba), booted with rdt=l3cat,mba")
        }
    }
}
