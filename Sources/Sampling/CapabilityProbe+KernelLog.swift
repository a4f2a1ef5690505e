internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// Split locks from the kernel's log.
    static func splitLocks(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/dev/kmsg"
        guard facts.cpuFlags.contains("split_lock_detect") || facts.cpuFlags.contains("bus_lock_detect") else {
            let why = "the CPU does not trap split locks, or a hypervisor below this host hides it"
            let state = Capability.State.notAvailable(why)
            let remedy = "a CPU with split_lock_detect or bus_lock_detect"
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        if facts.bootParameters.contains("split_lock_detect=off") {
            let state = Capability.State.notAvailable("split lock detection is switched off")
            return Capability(signal: signal, state: state, source: source, remedy: "boot with split_lock_detect=warn")
        }
        if let closed = closedLog(signal, facts) { return closed }
        let why = "the kernel logs the first of each thread, and few of many, so that the rate is a lower bound"
        return Capability(signal: signal, state: .degraded(why), source: source)
    }

    /// What the log cannot tell because it cannot be read.
    static func closedLog(_ signal: Signal, _ facts: HostFacts) -> Capability? {
        let why: String
        let remedy: String
        switch facts.kernelLog {
        case .readable: return nil
        case .denied:
            why = "the kernel's log may not be read (kernel.dmesg_restrict)"
            remedy = "give the service CAP_SYSLOG, or set kernel.dmesg_restrict=0"
        case .absent:
            why = "there is no /dev/kmsg here"
            remedy = "let the service see it (BindReadOnlyPaths=/dev/kmsg, DeviceAllow=/dev/kmsg r)"
        }
        return Capability(signal: signal, state: .notAvailable(why), source: "/dev/kmsg", remedy: remedy)
    }
}
