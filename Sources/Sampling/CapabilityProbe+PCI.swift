internal import HostReaders
internal import Signals

extension CapabilityProbe {
    /// Errors and faults of devices passed through to VMs.
    static func pci(_ signal: Signal, _ facts: HostFacts) -> Capability {
        signal == .pciAERErrors ? aer(signal, facts) : faults(signal, facts)
    }

    /// PCIe errors.
    private static func aer(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "aer_dev_* of the VM's devices in /sys/bus/pci/devices, every tenth tick"
        guard facts.hasAER else {
            let state = Capability.State.notAvailable("no PCI device of this host counts its errors (AER)")
            let remedy = "a kernel with CONFIG_PCIEAER, and firmware that leaves AER to it (pcie_ports=native)"
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        let why = "only of VMs with a PCI device passed through that has AER"
        return Capability(signal: signal, state: .degraded(why), source: source)
    }

    /// DMA faults.
    private static func faults(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/dev/kmsg"
        guard facts.hasIOMMU else {
            let state = Capability.State.notAvailable("no IOMMU is in use")
            let remedy = "switch VT-d or AMD-Vi on in the firmware, and boot with intel_iommu=on or amd_iommu=on"
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        if let closed = closedLog(signal, facts) { return closed }
        let why = "only of VMs with a PCI device passed through, and a lower bound: the kernel logs few of many"
        return Capability(signal: signal, state: .degraded(why), source: source)
    }
}
