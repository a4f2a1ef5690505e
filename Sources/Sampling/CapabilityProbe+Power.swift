internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// Frequency and power.
    static func power(_ signal: Signal, _ facts: HostFacts) -> Capability {
        signal == .hostFrequency ? frequency(signal, facts) : headroom(signal, facts)
    }

    /// How fast the CPUs run.
    private static func frequency(_ signal: Signal, _ facts: HostFacts) -> Capability {
        switch facts.frequency {
        case .scaling:
            let source = "scaling_cur_freq of every CPU, every 10 s"
            return Capability(signal: signal, state: .available, source: source)
        case .cpuinfo:
            let why = "no cpufreq driver; /proc/cpuinfo may tell the nominal frequency, as in most virtual machines"
            return Capability(signal: signal, state: .degraded(why), source: "/proc/cpuinfo, every 10 s")
        case nil:
            let state = Capability.State.notAvailable("the CPUs do not tell their frequency")
            let source = "/sys/devices/system/cpu/*/cpufreq"
            return Capability(signal: signal, state: state, source: source, remedy: "a kernel with a cpufreq driver")
        }
    }

    /// What is left under the power limit of the packages.
    private static func headroom(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/sys/class/powercap/intel-rapl:*, every 10 s"
        let why: String
        let remedy: String?
        switch facts.power {
        case .limited: return Capability(signal: signal, state: .available, source: source)
        case .absent:
            why = "no CPU package tells its power (powercap)"
            remedy = "modprobe intel_rapl_msr, on bare metal"
        case .denied:
            why = "energy_uj may be read by root alone"
            remedy = "give the service CAP_DAC_READ_SEARCH"
        case .unlimited:
            why = "no power limit of the packages is known, as on AMD, so nothing is left under it"
            remedy = nil
        }
        return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
    }
}
