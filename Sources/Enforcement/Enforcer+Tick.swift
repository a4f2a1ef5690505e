public import Signals

extension Enforcer {
    /// What time brings: terms that end, tries that are due again, and settings that somebody changed.
    ///
    /// Terms are counted on the monotonic clock alone, so setting the wall clock neither lengthens nor cuts one. A setting
    /// that systemd, libvirt or a driver reset (it is the one before the lease, or none) is set again, at once and then
    /// after 1 and 2 s more, and after ``mostReapplications`` times left alone. Any other is a person's: the hold ends and
    /// that setting stays, all others are given back. A person who wants what was before uses `quell release`.
    ///
    /// - Parameter now: The moment.
    /// - Returns: What happened.
    public func tick(now: MonotonicTime) async -> [LeaseEvent] {
        var told: [LeaseEvent] = []
        for (key, rehearsal) in rehearsed.sorted(by: { $0.value.name < $1.value.name }) where rehearsal.expires <= now {
            rehearsed[key] = nil
            told.append(.wouldRelease(key, name: rehearsal.name, .expired))
        }
        told += await sideBySide(arriving.keys.filter { arriving[$0].map { $0.retry.due <= now } ?? false }) {
            await $0.receive($1, now: now)
        }
        for (id, hold) in holds where hold.ending == nil && hold.expires <= now { end(id, .expired) }
        let all = holds.values.map { (id: $0.id, vm: $0.key.vm) }.sorted { $0.id < $1.id }
        return told
            + (await sideBySide(Self.chains(all, of: \.vm).map { $0.map(\.id) }) { enforcer, ids in
                var events: [LeaseEvent] = []
                for id in ids { events += await enforcer.attend(to: id, now: now) }
                return events
            })
    }

    /// Tries again what is due for a hold, or looks whether its settings still stand.
    private func attend(to id: UInt64, now: MonotonicTime) async -> [LeaseEvent] {
        guard let hold = holds[id], !busy.contains(hold.key.vm) else { return [] }
        var events: [LeaseEvent] = []
        if hold.isEnding {
            if hold.retry.due <= now { events = await giveBack(id, now: now) }
            if hold.ending != nil { return events }
        }
        busy.insert(hold.key.vm)
        var reset: [(id: UInt64, found: Setting)] = []
        looking: for lease in holds[id]?.knobs.filter({ !$0.isEnding }).map(\.lease) ?? [] {
            let look = await look(at: lease)
            guard let index = holds[id]?.index(of: lease.id) else { continue }
            switch look {
            case .stands: break
            case .unseen(let isUnreachable): if isUnreachable { break looking }
            case .gone: holds[id]?.end(.gone)
            case .partGone:
                holds[id]?.knobs[index].outcome = .gone
                holds[id]?.knobs[index].isEnding = true
            case .foreign(let found):
                holds[id]?.knobs[index].outcome = .foreign(found.description)
                holds[id]?.end(.policy)
            case .reset(let found): reset.append((lease.id, found))
            }
            // Its end may have been asked for meanwhile.
            if holds[id]?.ending != nil { break }
        }
        if holds[id]?.ending == nil, await isGone(hold) { holds[id]?.end(.gone) }
        busy.remove(hold.key.vm)
        if holds[id]?.ending == nil, !reset.isEmpty { events += await reapply(id, reset, now: now) }
        return events + (await settle(hold.key.vm, now: now))
    }

    /// Whether the VM of a hold is gone that has nothing but what is there without the VM.
    private func isGone(_ hold: Hold) async -> Bool {
        guard hold.knobs.allSatisfy({ $0.lease.knob.isOfHost }) else { return false }
        do throws(ActuatorError) {
            _ = try await actuator.mark(of: hold.key.vm)
            return false
        } catch {
            return error == .vmGone || error == .generationChanged
        }
    }

    /// What a look at a knob found.
    private enum Look {
        case stands
        /// Nothing can be told of the setting, or of any at the moment.
        case unseen(isUnreachable: Bool)
        /// The VM is gone.
        case gone
        /// This part of it is gone.
        case partGone
        case reset(Setting)
        case foreign(Setting)
    }

    private func look(at lease: Lease) async -> Look {
        do throws(ActuatorError) {
            let found = try await actuator.read(lease.knob, of: lease.vm)
            if lease.isOurs(found) { return .stands }
            return lease.isReset(found) ? .reset(found) : .foreign(found)
        } catch .vmGone, .generationChanged {
            return .gone
        } catch .partGone {
            return .partGone
        } catch .refused {
            return .unseen(isUnreachable: false)
        } catch {
            // libvirt's own trouble is reported where it is met.
            return .unseen(isUnreachable: true)
        }
    }

    /// Sets again what was reset, or leaves it alone after too many times.
    private func reapply(
        _ id: UInt64,
        _ reset: [(id: UInt64, found: Setting)],
        now: MonotonicTime
    ) async -> [LeaseEvent] {
        guard let hold = holds[id], let order = hold.order else { return [] }
        var changed: [Lease] = []
        for (lease, found) in reset {
            guard let index = hold.index(of: lease), hold.knobs[index].reapplied.due <= now else { continue }
            let tries = hold.knobs[index].reapplied.tries
            guard tries < Self.mostReapplications else {
                holds[id]?.knobs[index].outcome = .foreign("\(found), reset again after \(tries) times")
                holds[id]?.end(.policy)
                return []
            }
            holds[id]?.knobs[index].reapplied.tried(at: now)
            var lease = hold.knobs[index].lease
            lease.pending = lease.set
            lease.changed = moment(now)
            changed.append(lease)
        }
        // Without a line on disk nothing is set; the next look tries again.
        guard !changed.isEmpty, (try? ledger.write(opening: [], changing: changed)) != nil else { return [] }
        for lease in changed { if let index = holds[id]?.index(of: lease.id) { holds[id]?.knobs[index].lease = lease } }
        busy.insert(hold.key.vm)
        let notes = changed.map { "\($0.knob): it was reset and is set again" }
        return await apply(id, notes: notes, now: now) { .adjusted(order, lease: id, changes: $0) }
    }
}
