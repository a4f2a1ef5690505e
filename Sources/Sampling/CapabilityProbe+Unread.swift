internal import Signals

extension CapabilityProbe {
    /// Signals whose reader is not written yet, whatever the host offers.
    static func unread(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source: String
        switch signal {
        case .cpuMigrations: source = "/proc/<pid>/task/<tid>/sched"
        case .memSwapHeld: source = "memory.swap.current"
        case .pciAERErrors: source = "/sys/bus/pci/devices/*/aer_dev_*"
        case .pciIOMMUFaults: source = "/dev/kmsg"
        default: source = "/proc/<pid>/task/<tid>/schedstat"
        }
        return notRead(signal, source)
    }

    /// Says that no reader is written, and what the host lacks besides.
    static func notRead(
        _ signal: Signal,
        _ source: String,
        _ lack: String? = nil,
        remedy: String? = nil
    ) -> Capability {
        let why = "\(signal.name) is not read by this version" + (lack.map { "; also, " + $0 } ?? "")
        return Capability(signal: signal, state: .notAvailable(why), source: source, remedy: remedy)
    }
}
