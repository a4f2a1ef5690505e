internal import Signals

extension CapabilityProbe {
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
