import Signals

extension Enforcer {
    /// Writes the mark of all that is held of a VM, or takes it off where nothing is.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - ending: A hold that is over and no part of the mark any more.
    ///   - now: The moment. A mark that nobody answered for may come later, so that what is held is then watched like a
    ///     setting of unknown outcome.
    /// - Returns: Why the mark could not be written; `nil` where it was, or the VM is gone.
    func mark(_ vm: VMIdentity, without ending: UInt64? = nil, now: MonotonicTime) async -> String? {
        let own = holds.values.filter { $0.key.vm == vm && $0.id != ending }.sorted { $0.id < $1.id }
        let leases = own.flatMap { $0.knobs.map(\.lease) }
        let interfaces = own.compactMap(\.parts).first?.interfaces.map(\.device) ?? []
        do {
            let text = try HoldMark(leases, interfaces: interfaces, bootID: bootID)?.text()
            try await actuator.setMark(text, of: vm)
        } catch let error as ActuatorError {
            switch error {
            case .vmGone, .generationChanged: return nil
            case .partGone, .refused, .unavailable: return error.description
            case .unknown:
                let until = now.advanced(bySeconds: Self.settleTime)
                for id in own.map(\.id) {
                    for index in holds[id]?.knobs.indices ?? 0..<0 { holds[id]?.knobs[index].unsettledUntil = until }
                }
                return error.description
            }
        } catch {
            return "\(error)"
        }
        return nil
    }
}
