import Signals

extension Enforcer {
    /// Writes the mark of all that is held of a VM, or takes it off where nothing is.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - ending: A hold that is over and no part of the mark any more.
    /// - Returns: Why the mark could not be written; `nil` where it was, or the VM is gone.
    func mark(_ vm: VMIdentity, without ending: UInt64? = nil) async -> String? {
        let own = holds.values.filter { $0.key.vm == vm && $0.id != ending }.sorted { $0.id < $1.id }
        let leases = own.flatMap { $0.knobs.map(\.lease) }
        let interfaces = own.compactMap(\.parts).first?.interfaces.map(\.device) ?? []
        do {
            let text = try HoldMark(leases, interfaces: interfaces, bootID: bootID)?.text()
            try await actuator.setMark(text, of: vm)
        } catch let error as ActuatorError {
            switch error {
            case .vmGone, .generationChanged: return nil
            case .partGone, .refused, .unavailable, .unknown: return error.description
            }
        } catch {
            return "\(error)"
        }
        return nil
    }
}
