internal import Signals

extension CapabilityProbe {
    /// Signals whose reader is not written yet, whatever the host offers.
    static func unread(_ signal: Signal, _ facts: HostFacts) -> Capability {
        notRead(signal, signal == .netSpoofed ? "packet filter counters" : "the bridge's forwarding table")
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
