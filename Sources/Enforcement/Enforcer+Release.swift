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
    ///   - now: The moment.
    /// - Returns: What became of the leases; those that could not be given back stay open.
    public func releaseAll(_ reason: ReleaseReason, now: MonotonicTime) async -> [LeaseEvent] {
        let told = rehearsed.sorted { $0.value.name < $1.value.name }
            .map { LeaseEvent.wouldRelease(HoldKey($0.key, .cpu), name: $0.value.name, reason) }
        rehearsed = [:]
        for vm in starting.keys { starting[vm] = reason }
        for id in holds.keys { end(id, reason) }
        return told + (await giveBack(Array(holds.keys), now: now))
    }

    /// Gives back what a VM had before.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - reason: Why.
    ///   - now: The moment.
    /// - Returns: What became of its lease; nothing while a call for it is under way, which will then tell.
    public func release(_ vm: VMIdentity, _ reason: ReleaseReason, now: MonotonicTime) async -> [LeaseEvent] {
        if let rehearsal = rehearsed.removeValue(forKey: vm) {
            return [.wouldRelease(HoldKey(vm, .cpu), name: rehearsal.name, reason)]
        }
        if starting[vm] != nil {
            starting[vm] = reason
            return []
        }
        let own = holds.keys.filter { holds[$0]?.lease.vm == vm }
        guard !own.isEmpty else {
            return [.failed(HoldKey(vm, .cpu), name: vm.uuid.description, "there is no lease to end")]
        }
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
        let vms = Set(holds.values.map(\.lease.vm) + Array(rehearsed.keys) + Array(starting.keys))
        let starts = vms.filter { $0.uuid == uuid }.sorted { $0.generation < $1.generation }
        return await sideBySide(starts) { await $0.release($1, reason, now: now) }
    }

    /// Marks a lease as one to be given back, at once.
    func end(_ id: UInt64, _ reason: ReleaseReason) {
        holds[id]?.end(reason)
        holds[id]?.retry.hurry()
    }

    /// Gives several back side by side.
    func giveBack(_ ids: [UInt64], now: MonotonicTime) async -> [LeaseEvent] {
        await sideBySide(ids.sorted()) { await $0.giveBack($1, now: now) }
    }

    /// Gives back a lease that is to end, and closes it.
    ///
    /// It does nothing for one that is busy or is to stay.
    func giveBack(_ id: UInt64, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id], !hold.isBusy, let reason = hold.ending else { return [] }
        let lease = hold.lease
        if hold.outcome == nil {
            holds[id]?.isBusy = true
            let restoration = await restore(lease)
            holds[id]?.isBusy = false
            holds[id]?.isWatched = false
            switch restoration {
            case .ended(let outcome): holds[id]?.outcome = outcome
            case .failed(let text): return postpone(id, "it cannot be given back yet: \(text)", now: now)
            }
        }
        guard let outcome = holds[id]?.outcome else { return [] }
        if let until = hold.unsettledUntil, outcome != .gone, now < until {
            // Looked at again until the set that nobody answered can no longer happen.
            holds[id]?.outcome = nil
            holds[id]?.isWatched = true
            return postpone(
                id,
                "it has what it had before, and is watched for \(Unit.digits(until.seconds(since: now).rounded(.up))) s "
                    + "more: a change that was never answered may still come",
                now: now
            )
        }
        let name = lease.name
        let event: LeaseEvent
        let end: LeaseEnd
        switch outcome {
        case .restored:
            event = .released(HoldKey(lease.vm, .cpu), name: name, lease: id, reason)
            end = hold.isGranted ? .released(reason) : .notGranted
        case .gone:
            event = .released(HoldKey(lease.vm, .cpu), name: name, lease: id, .gone)
            end = .released(.gone)
        case .foreign(let found):
            event = .handedOver(HoldKey(lease.vm, .cpu), name: name, lease: id, found: found)
            end = .handedOver
        }
        do { try ledger.close(id, end) } catch {
            return postpone(id, "it is given back, but its lease cannot be closed: \(error)", now: now)
        }
        holds[id] = nil
        // A lease that was never granted is told as failed by whoever asked for it, unless that had to stay open.
        if outcome == .restored, !hold.isGranted, !hold.isFailureTold { return [] }
        if outcome == .gone, !hold.isGranted { return [] }
        return [event]
    }

    /// Leaves a lease open for another try, and says why the first time.
    private func postpone(_ id: UInt64, _ text: String, now: MonotonicTime) -> [LeaseEvent] {
        holds[id]?.retry.tried(at: now)
        guard let hold = holds[id], !hold.isFailureTold else { return [] }
        holds[id]?.isFailureTold = true
        return [.failed(HoldKey(hold.lease.vm, .cpu), name: hold.lease.name, text)]
    }

    /// What came of giving back a value.
    private enum Restoration {
        case ended(Hold.Outcome)
        case failed(String)
    }

    /// Compare-and-restore: sets the value before where the value found is Quell's own.
    private func restore(_ lease: Lease) async -> Restoration {
        do throws(ActuatorError) {
            let found = try await actuator.quota(of: lease.vm)
            if found.matches(lease.before) { return .ended(.restored) }
            guard lease.isOurs(found) else { return .ended(.foreign(found.description)) }
            try await actuator.setQuota(lease.before, of: lease.vm)
            let after = try await actuator.quota(of: lease.vm)
            if after.matches(lease.before) { return .ended(.restored) }
            if lease.isOurs(after) { return .failed("\(lease.before) was set and \(after) read back") }
            return .ended(.foreign(after.description))
        } catch .vmGone, .generationChanged {
            return .ended(.gone)
        } catch {
            return .failed("\(error)")
        }
    }
}
