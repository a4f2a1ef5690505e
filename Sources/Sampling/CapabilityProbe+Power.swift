internal import Signals

extension CapabilityProbe {
    /// Frequency and power.
    static func power(_ signal: Signal, _ facts: HostFacts) -> Capability {
        if signal == .hostFrequency {
            let why = facts.hasCPUFreq ? nil : "the CPUs do not tell their frequency"
            return notRead(signal, "/sys/devices/system/cpu/*/cpufreq", why)
        }
        let why = facts.hasPowercap ? nil : "there is no powercap tree"
        return notRead(signal, "/sys/class/powercap", why, remedy: why.map { _ in "modprobe intel_rapl_msr" })
    }
}
