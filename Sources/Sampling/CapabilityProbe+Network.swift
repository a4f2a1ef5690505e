internal import Signals

extension CapabilityProbe {
    /// The interfaces of VMs.
    static func network(_ signal: Signal, _ facts: HostFacts) -> Capability {
        let source = "/proc/net/dev"
        guard facts.hasNetDev else {
            let state = Capability.State.notAvailable("/proc/net/dev cannot be read")
            return Capability(signal: signal, state: state, source: source)
        }
        guard signal == .netMulticast else { return Capability(signal: signal, state: .available, source: source) }
        let state = Capability.State.degraded("the tun driver counts no multicast; only a driver that does is told")
        return Capability(signal: signal, state: state, source: source)
    }
}
