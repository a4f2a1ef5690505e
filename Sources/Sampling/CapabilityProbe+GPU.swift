internal import Signals

extension CapabilityProbe {
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
}
