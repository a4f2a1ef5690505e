public import Signals

extension Enforcer {
    /// Gives back what the leases of an earlier daemon changed.
    ///
    /// Those of an earlier boot are closed, their VMs are gone. What cannot be given back yet, since libvirt is not up,
    /// ``tick(now:)`` tries again. Works in dry run as well.
    ///
    /// - Parameters:
    ///   - reason: Why, for the events: an operator's request where no daemon follows.
    ///   - now: The moment.
    /// - Returns: What became of them.
    public func recover(_ reason: ReleaseReason = .recovered, now: MonotonicTime) async -> [LeaseEvent] {
        let left = holds.keys.filter { holds[$0]?.ending == .recovered }
        for id in left { holds[id]?.ending = reason }
        return await giveBack(left, now: now)
    }

    /// Gives back everything.
    ///
    /// - Parameters:
    ///   - reason: Why.
    ///   - sparesPersons: Whether what a person holds stays.
    ///   - now: The moment.
    /// - Returns: What became of the leases; those that could not be given back stay open.
    public func releaseAll(
        _ reason: ReleaseReason,
        butPersons sparesPersons: Bool = false,
        now: MonotonicTime
    ) async -> [LeaseEvent] {
        let told = rehearsed.sorted { $0.value.name < $1.value.name }
            .map { LeaseEvent.wouldRelease($0.key, name: $0.value.name, reason) }
        rehearsed = [:]
        let ids = holds.keys.filter { !sparesPersons || holds[$0]?.order?.origin != .person }
        if !sparesPersons { for key in starting.keys { starting[key] = reason } }
        for id in ids { end(id, reason) }
        return told + (await giveBack(ids, now: now))
    }

    /// Gives back what a VM had before it was held over something.
    ///
    /// - Parameters:
    ///   - key: The hold.
    ///   - reason: Why.
    ///   - now: The moment.
    /// - Returns: What became of its leases; nothing while something is under way with the VM, which will then tell. A hold
    ///   that there is not counts as let go, with the lease 0.
    public func release(_ key: HoldKey, _ reason: ReleaseReason, now: MonotonicTime) async -> [LeaseEvent] {
        if let rehearsal = rehearsed.removeValue(forKey: key) {
            return [.wouldRelease(key, name: rehearsal.name, reason)]
        }
        if starting[key] != nil {
            starting[key] = reason
            return []
        }
        let own = holds.values.filter { $0.key == key }.map(\.id)
        // Whoever asks believes that it is held, and would ask again.
        guard !own.isEmpty else { return [.released(key, name: key.vm.uuid.description, lease: 0, reason)] }
        for id in own { end(id, reason) }
        return await giveBack(own, now: now)
    }

    /// Gives back what any start of a VM had before, as `quell release <uuid>` asks for.
    ///
    /// - Parameters:
    ///   - uuid: The VM.
    ///   - reason: Why.
    ///   - now: The moment.
    /// - Returns: What became of its leases; empty where it has none.
    public func release(uuid: VMUUID, _ reason: ReleaseReason, now: MonotonicTime) async -> [LeaseEvent] {
        let keys = Set(holds.values.map(\.key) + Array(rehearsed.keys) + Array(starting.keys)).filter {
            $0.vm.uuid == uuid
        }
        let ordered = keys.sorted {
            ($0.vm.generation, $0.contention.rawValue) < ($1.vm.generation, $1.contention.rawValue)
        }
        return await sideBySide(Self.chains(ordered, of: \.vm)) { enforcer, keys in
            var events: [LeaseEvent] = []
            for key in keys { events += await enforcer.release(key, reason, now: now) }
            return events
        }
    }

    /// Marks a hold as one to be given back, at once.
    func end(_ id: UInt64, _ reason: ReleaseReason) {
        holds[id]?.end(reason)
        holds[id]?.retry.hurry()
    }

    /// Gives several back, VM by VM side by side.
    func giveBack(_ ids: [UInt64], now: MonotonicTime) async -> [LeaseEvent] {
        let vms = ids.sorted().compactMap { id in holds[id].map { (id: id, vm: $0.key.vm) } }
        return await sideBySide(Self.chains(vms, of: \.vm).map { $0.map(\.id) }) { enforcer, ids in
            var events: [LeaseEvent] = []
            for id in ids { events += await enforcer.giveBack(id, now: now) }
            return events
        }
    }

    /// Gives back whatever of a VM is to be given back and due.
    func settle(_ vm: VMIdentity, now: MonotonicTime) async -> [LeaseEvent] {
        var events: [LeaseEvent] = []
        let due = holds.values.filter { $0.key.vm == vm && $0.isEnding && $0.retry.due <= now }.map(\.id)
        for id in due.sorted() { events += await giveBack(id, now: now) }
        return events
    }

    /// Gives back a hold that is to end, or knobs of it, and closes their leases.
    ///
    /// It does nothing for one whose VM is busy or that is to stay.
    func giveBack(_ id: UInt64, now: MonotonicTime) async -> [LeaseEvent] {
        guard let vm = holds[id]?.key.vm, !busy.contains(vm), holds[id]?.isEnding == true else { return [] }
        busy.insert(vm)
        var events: [LeaseEvent] = []
        var tried: Set<UInt64> = []
        // More of it may be ended while some of it is given back.
        while let lease = holds[id].flatMap({ Self.next(of: $0, tried) }) {
            tried.insert(lease.id)
            let restoration = await restore(lease)
            guard let index = holds[id]?.index(of: lease.id) else { break }
            holds[id]?.knobs[index].isWatched = false
            switch restoration {
            case .ended(let outcome): holds[id]?.knobs[index].outcome = outcome
            case .failed(let text): events += postpone(id, "it cannot be given back yet: \(text)", now: now)
            case .unreachable(let text):
                events += postpone(id, "it cannot be given back yet: \(text)", now: now)
                // Each further call of the same hand would wait as long.
                if lease.knob.isLibvirts { tried.formUnion(holds[id]?.libvirts ?? []) }
            }
        }
        events += watch(id, now: now)
        events += await close(id, now: now)
        busy.remove(vm)
        return events
    }

    /// The knob that is to be given back next, the latest first.
    private static func next(of hold: Hold, _ tried: Set<UInt64>) -> Lease? {
        hold.knobs.last { knob in
            knob.outcome == nil && (hold.ending != nil || knob.isEnding) && !tried.contains(knob.lease.id)
        }?.lease
    }

    /// Looks again at knobs that are as before until a set that nobody answered can no longer happen.
    private func watch(_ id: UInt64, now: MonotonicTime) -> [LeaseEvent] {
        guard let hold = holds[id] else { return [] }
        var latest: Double?
        for (index, knob) in hold.knobs.enumerated() {
            guard let until = knob.unsettledUntil, let outcome = knob.outcome, outcome != .gone, now < until else {
                continue
            }
            holds[id]?.knobs[index].outcome = nil
            holds[id]?.knobs[index].isWatched = true
            latest = max(latest ?? 0, until.seconds(since: now))
        }
        guard let latest else { return [] }
        return postpone(
            id,
            "it has what it had before, and is watched for \(Unit.digits(latest.rounded(.up))) s more: a change that was "
                + "never answered may still come",
            now: now
        )
    }

    /// Closes the leases of what has been given back, and tells of the hold once none of it is left.
    private func close(_ id: UInt64, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id] else { return [] }
        let done = hold.knobs.filter { $0.outcome != nil }
        if done.isEmpty { return [] }
        let isAll = done.count == hold.knobs.count
        // While the VM is held over something else its mark stays as it is: what it says of this hold does no harm, since
        // it is found as before, and a mark that may come late is one that a pending lease watches for.
        let isLast = !holds.values.contains { $0.key.vm == hold.key.vm && $0.id != id }
        if isAll, isLast, !done.allSatisfy({ isOfEarlierBoot($0.lease) }) {
            // The daemon before may have died while it took up what the VM came here with.
            if hold.order == nil, let trouble = await giveBackMarked(hold.key.vm) {
                return postpone(id, "what it came here held by cannot be given back yet: \(trouble)", now: now)
            }
            if let trouble = await mark(hold.key.vm, without: id, now: now) {
                return postpone(id, "it is given back, but its mark cannot be taken off: \(trouble)", now: now)
            }
        }
        do {
            try ledger.close(done.map { ($0.lease.id, Self.end($0, of: hold)) })
        } catch {
            return postpone(id, "it is given back, but its lease cannot be closed: \(error)", now: now)
        }
        holds[id]?.knobs.removeAll { knob in done.contains { $0.lease.id == knob.lease.id } }
        holds[id]?.ended += done.compactMap { knob in knob.outcome.map { (knob.lease.knob, $0) } }
        guard isAll, let ended = holds.removeValue(forKey: id) else { return [] }
        return Self.told(ended)
    }

    /// How a lease ended, for the ledger.
    private static func end(_ knob: HeldKnob, of hold: Hold) -> LeaseEnd {
        switch knob.outcome {
        case .foreign: .handedOver
        case .gone: .released(.gone)
        case .restored, nil: hold.isGranted ? .released(hold.ending ?? .policy) : .notGranted
        }
    }

    /// What is told of a hold of which nothing is left.
    private static func told(_ hold: Hold) -> [LeaseEvent] {
        let foreign = hold.ended.compactMap { end -> String? in
            guard case .foreign(let found) = end.outcome else { return nil }
            return "\(end.knob): \(found)"
        }
        if !foreign.isEmpty {
            let found = foreign.joined(separator: "; ")
            return [.handedOver(hold.key, name: hold.name, lease: hold.id, found: found)]
        }
        let isGone = hold.ended.allSatisfy { $0.outcome == .gone }
        // A hold that was never granted is told as failed by whoever asked for it, unless that had to stay open.
        if !hold.isGranted, isGone || !hold.isFailureTold { return [] }
        return [.released(hold.key, name: hold.name, lease: hold.id, isGone ? .gone : hold.ending ?? .policy)]
    }

    /// Leaves a hold open for another try, and says why the first time.
    private func postpone(_ id: UInt64, _ text: String, now: MonotonicTime) -> [LeaseEvent] {
        guard let hold = holds[id] else { return [] }
        if hold.retry.due <= now { holds[id]?.retry.tried(at: now) }
        guard !hold.isFailureTold else { return [] }
        holds[id]?.isFailureTold = true
        return [.failed(hold.key, name: hold.name, text)]
    }

    /// What came of giving back a setting.
    enum Restoration {
        case ended(HeldKnob.Outcome)
        /// It is tried again.
        case failed(String)
        /// Nothing at all can be given back at the moment.
        case unreachable(String)
    }

    /// Compare-and-restore: sets the setting before where the one found is Quell's own.
    func restore(_ lease: Lease) async -> Restoration {
        do throws(ActuatorError) {
            let found = try await actuator.read(lease.knob, of: lease.vm)
            if Lease.agree(found, lease.before) { return .ended(.restored) }
            guard lease.isOurs(found) else { return .ended(.foreign(found.description)) }
            try await actuator.set(lease.knob, to: lease.before, of: lease.vm)
            let after = try await actuator.read(lease.knob, of: lease.vm)
            if Lease.agree(after, lease.before) { return .ended(.restored) }
            // A balloon is on its way.
            if case .balloon = after, lease.isOurs(after) { return .ended(.restored) }
            if lease.isOurs(after) { return .failed("\(lease.knob): \(lease.before) was set and \(after) read back") }
            return .ended(.foreign(after.description))
        } catch .vmGone, .generationChanged, .partGone {
            return .ended(.gone)
        } catch .refused(let text) {
            return .failed("\(lease.knob): \(ActuatorError.refused(text))")
        } catch {
            return .unreachable("\(lease.knob): \(error)")
        }
    }
}
