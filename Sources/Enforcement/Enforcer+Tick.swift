public import Signals

extension Enforcer {
    /// What time brings: terms that end, tries that are due again, and values that somebody changed.
    ///
    /// Terms are counted on the monotonic clock alone, so setting the wall clock neither lengthens nor cuts one. A value
    /// that systemd or libvirt reset (it is the one before the lease, or none) is set again, at once and then after 1
    /// and 2 s more, and after ``mostReapplications`` times left alone. Any other value is a person's: the lease ends
    /// and the value stays. A person who wants the value before uses `quell release`.
    ///
    /// - Parameter now: The moment.
    /// - Returns: What happened.
    public func tick(now: MonotonicTime) async -> [LeaseEvent] {
        var told: [LeaseEvent] = []
        for (vm, rehearsal) in rehearsed.sorted(by: { $0.value.name < $1.value.name }) where rehearsal.expires <= now {
            rehearsed[vm] = nil
            told.append(.wouldRelease(HoldKey(vm, .cpu), name: rehearsal.name, .expired))
        }
        for (id, hold) in holds where hold.ending == nil && hold.lease.expires.boot <= now { end(id, .expired) }
        return told + (await sideBySide(holds.keys.sorted()) { await $0.attend(to: $1, now: now) })
    }

    /// Tries again what is due for one lease, or looks whether its value still stands.
    private func attend(to id: UInt64, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id], !hold.isBusy else { return [] }
        if hold.ending != nil { return hold.retry.due <= now ? await giveBack(id, now: now) : [] }
        holds[id]?.isBusy = true
        let look = await look(at: hold.lease)
        holds[id]?.isBusy = false
        // Its end may have been asked for meanwhile.
        if holds[id]?.ending != nil { return await giveBack(id, now: now) }
        switch look {
        case .stands, .unseen:
            return []
        case .gone:
            holds[id]?.outcome = .gone
            holds[id]?.ending = .gone
            return await giveBack(id, now: now)
        case .foreign(let found):
            holds[id]?.outcome = .foreign(found)
            holds[id]?.ending = .policy
            return await giveBack(id, now: now)
        case .reset(let found):
            return await reapply(id, found: found, now: now)
        }
    }

    /// What a look at a held VM found.
    private enum Look {
        case stands
        case unseen
        case gone
        case reset(String)
        case foreign(String)
    }

    private func look(at lease: Lease) async -> Look {
        do throws(ActuatorError) {
            let found = try await actuator.quota(of: lease.vm)
            if found.matches(lease.set) { return .stands }
            return lease.isReset(found) ? .reset(found.description) : .foreign(found.description)
        } catch .vmGone, .generationChanged {
            return .gone
        } catch {
            // Nothing can be told of the value; libvirt's own trouble is reported where it is met.
            return .unseen
        }
    }

    /// Sets a value that was reset again, or leaves it alone after too many times.
    private func reapply(_ id: UInt64, found: String, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id], let order = hold.order, hold.reapplied.due <= now else { return [] }
        guard hold.reapplied.tries < Self.mostReapplications else {
            holds[id]?.outcome = .foreign("\(found), reset again after \(hold.reapplied.tries) times")
            holds[id]?.ending = .policy
            return await giveBack(id, now: now)
        }
        holds[id]?.reapplied.tried(at: now)
        var lease = hold.lease
        lease.pending = lease.set
        lease.changed = moment(now)
        // Without a line on disk nothing is set; the next look tries again.
        guard (try? ledger.change(lease)) != nil else { return [] }
        holds[id]?.lease = lease
        holds[id]?.isBusy = true
        return await apply(id, now: now) { .adjusted(order, lease: id, changes: []) }
    }
}
