import Signals

extension Enforcer {
    /// What came of setting a knob.
    private enum Application {
        case inForce
        case foreign(Setting)
        /// The VM is gone.
        case gone
        /// This part of it is gone.
        case partGone(String)
        case failed(String)
        /// Nothing at all can be said or done at the moment.
        case unreachable(String, isUnknown: Bool)
    }

    /// Sets what the hold of a busy VM has pending, knob by knob, reads it back and notes it.
    ///
    /// A knob that fails is given back by itself; where none is left, where the hypervisor is not to be reached, or where a
    /// setting is somebody else's, the whole hold is.
    func apply(
        _ id: UInt64,
        notes: [String] = [],
        now: MonotonicTime,
        _ event: ([String]) -> LeaseEvent
    ) async -> [LeaseEvent] {
        var confirmed: [UInt64] = []
        var changes: [String] = []
        var notes = notes
        let pending = holds[id]?.knobs.filter { !$0.isEnding }.map(\.lease).filter { $0.pending != nil } ?? []
        for lease in pending {
            guard let to = lease.pending, let index = holds[id]?.index(of: lease.id) else { continue }
            let isGranted = holds[id]?.knobs[index].isGranted == true
            switch await set(to, under: lease, isGranted: isGranted) {
            case .inForce:
                confirmed.append(lease.id)
                if !to.means(lease.set) { changes.append("\(lease.knob): \(lease.set) → \(to)") }
            case .foreign(let found):
                holds[id]?.knobs[index].outcome = .foreign(found.description)
                holds[id]?.end(.policy)
            case .gone: holds[id]?.end(.gone)
            case .partGone(let what):
                holds[id]?.knobs[index].outcome = .gone
                holds[id]?.knobs[index].isEnding = true
                notes.append("\(lease.knob): \(what) is not there any more")
            case .failed(let text):
                holds[id]?.knobs[index].isEnding = true
                notes.append("\(lease.knob): \(text)")
            case .unreachable(let text, let isUnknown):
                if isUnknown {
                    holds[id]?.knobs[index].unsettledUntil = now.advanced(bySeconds: Self.settleTime)
                }
                return await fail(id, text, now: now)
            }
            // Whoever asked meanwhile for its end found the VM busy.
            if holds[id]?.ending != nil { break }
        }
        do { try note(confirmed, of: id) } catch {
            return await fail(id, "the ledger cannot be written: \(error)", now: now)
        }
        guard let hold = holds[id] else { return [] }
        var events: [LeaseEvent] = []
        switch hold.ending {
        case nil:
            guard hold.knobs.contains(where: { !$0.isEnding }) else {
                return await fail(id, notes.joined(separator: "; "), now: now)
            }
            holds[id]?.isGranted = true
            events = [event(changes + notes)]
        case .gone where !hold.isGranted:
            events = [.failed(hold.key, name: hold.name, "the VM went away before it was held")]
        case let reason? where !hold.isGranted && !hold.knobs.contains { $0.isForeign }:
            if confirmed.count == pending.count {
                holds[id]?.isGranted = true
                events = [event(changes + notes)]
            } else {
                events = [.failed(hold.key, name: hold.name, "let go (\(reason.rawValue)) before it was held")]
            }
        case _?: break
        }
        busy.remove(hold.key.vm)
        return events + (await settle(hold.key.vm, now: now))
    }

    /// Notes on disk that what was pending is in force.
    private func note(_ ids: [UInt64], of id: UInt64) throws(LedgerError) {
        for lease in try ledger.applied(ids) {
            guard let index = holds[id]?.index(of: lease.id) else { continue }
            holds[id]?.knobs[index].lease = lease
            holds[id]?.knobs[index].isGranted = true
        }
    }

    /// Gives back a hold of a busy VM that could not be brought into force, and says why.
    func fail(_ id: UInt64, _ text: String, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id] else { return [] }
        holds[id]?.end(.policy)
        busy.remove(hold.key.vm)
        let events = await settle(hold.key.vm, now: now)
        let isBack = holds[id] == nil
        let end = isBack ? "its lease is ended" : "its lease stays open until it is given back"
        // The failure to give back, if any, is part of the same line.
        let rest = events.filter { event in
            if case .failed(let key, _, _) = event { return key != hold.key }
            return true
        }
        if !isBack { holds[id]?.isFailureTold = true }
        return [.failed(hold.key, name: hold.name, "\(text); \(end)")] + rest
    }

    /// Looks once more, sets and reads back.
    private func set(_ value: Setting, under lease: Lease, isGranted: Bool) async -> Application {
        // What a reset leaves is no stranger's, once there was something to reset.
        func isExpected(_ found: Setting) -> Bool {
            isGranted ? lease.isOurs(found) || lease.isReset(found) : Lease.agree(found, lease.set)
        }
        do throws(ActuatorError) {
            let found = try await actuator.read(lease.knob, of: lease.vm)
            guard isExpected(found) else { return .foreign(found) }
        } catch {
            return Self.application(error, isSetting: false)
        }
        do throws(ActuatorError) {
            try await actuator.set(lease.knob, to: value, of: lease.vm)
        } catch {
            return Self.application(error, isSetting: true)
        }
        do throws(ActuatorError) {
            let found = try await actuator.read(lease.knob, of: lease.vm)
            if Lease.agree(found, value) { return .inForce }
            // A balloon is on its way.
            if case .balloon = value, lease.isOurs(found) { return .inForce }
            if isExpected(found) { return .failed("\(value) was set and \(found) read back") }
            return .foreign(found)
        } catch {
            return Self.application(error, isSetting: false)
        }
    }

    private static func application(_ error: ActuatorError, isSetting: Bool) -> Application {
        switch error {
        case .vmGone, .generationChanged: .gone
        case .partGone(let what): .partGone(what)
        case .refused: .failed("\(error)")
        case .unavailable: .unreachable("\(error)", isUnknown: false)
        case .unknown: .unreachable("\(error)", isUnknown: isSetting)
        }
    }
}
