internal import Signals

extension CapabilityProbe {
    /// Split locks from the kernel log.
    static func splitLocks(_ signal: Signal, _ facts: HostFacts) -> Capability {
        guard facts.cpuFlags.contains("split_lock_detect") else {
            let why = "the CPU does not trap split locks"
            return notRead(signal, "/dev/kmsg", why, remedy: "a CPU with split_lock_detect")
        }
        return notRead(signal, "/dev/kmsg", facts.hasKernelLog ? nil : "the kernel log cannot be read")
    }
}
