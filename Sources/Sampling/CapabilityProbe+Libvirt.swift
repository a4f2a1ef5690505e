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
            guard signal == .memBalloonUsable || signal == .memSwapIn || signal == .memSwapOut else {
                return Capability(signal: signal, state: .available, source: source)
            }
            let remedy = "<memballoon model='virtio'><stats period='10'/></memballoon> and a driver in the guest"
            let state = Capability.State.degraded("only of guests whose balloon driver tells it")
            return Capability(signal: signal, state: state, source: source, remedy: remedy)
        }
    }
}
