internal import Signals

extension CapabilityProbe {
    /// What libvirt alone tells.
    static func libvirt(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "libvirt, the slow tier"
        switch facts.libvirt {
        case .unreachable(let why):
            let state = Capability.State.notAvailable("libvirt cannot be asked: " + why)
            return Capability(signal: signal, state: state, source: source, remedy: "start libvirtd")
        case .reachable:
            switch signal {
            case .memBalloonUsable, .memSwapIn, .memSwapOut:
                let remedy = "<memballoon model='virtio'><stats period='10'/></memballoon> and a driver in the guest"
                let state = Capability.State.degraded("only of guests whose balloon driver tells it")
                return Capability(signal: signal, state: state, source: source, remedy: remedy)
            case .kvmExits, .kvmHaltPolls, .irqInjections: return kvm(signal, facts.libvirtFacts)
            case .memDirtyRate: return dirtyRate(signal, facts.libvirtFacts)
            default: return Capability(signal: signal, state: .available, source: source)
            }
        }
    }

    /// The kernel's counters of vCPUs, which QEMU hands to libvirt (`query-stats`).
    private static func kvm(_ signal: Signal, _ facts: LibvirtFacts) -> Capability {
        let source = "libvirt, vCPU statistics of KVM guests, every 5 min and on suspicion"
        let old =
            LibvirtFacts.lack("libvirt", facts.libvirt, below: 8_009_000)
            ?? LibvirtFacts.lack("QEMU", facts.qemu, below: 7_001_000)
        if let old {
            let remedy = "libvirt 8.9 and QEMU 7.1, or later"
            return Capability(signal: signal, state: .notAvailable(old), source: source, remedy: remedy)
        }
        guard facts.hasKVM else {
            let state = Capability.State.notAvailable("the host has no KVM, so guests are emulated")
            let remedy = "modprobe kvm_intel or kvm_amd, and <domain type='kvm'>"
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
        let state = Capability.State.degraded("only of guests that run on KVM")
        return Capability(signal: signal, state: state, source: source, remedy: "<domain type='kvm'>")
    }

    /// How fast a guest dirties its memory.
    private static func dirtyRate(_ signal: Signal, _ facts: LibvirtFacts) -> Capability {
        let source = "libvirt, dirty-rate statistics"
        let old =
            LibvirtFacts.lack("libvirt", facts.libvirt, below: 7_002_000)
            ?? LibvirtFacts.lack("QEMU", facts.qemu, below: 5_002_000)
        if let old {
            let remedy = "libvirt 7.2 and QEMU 5.2, or later"
            return Capability(signal: signal, state: .notAvailable(old), source: source, remedy: remedy)
        }
        let state = Capability.State.degraded("only of VMs on which a rule of memory fires, since measuring costs")
        return Capability(signal: signal, state: state, source: source)
    }
}
