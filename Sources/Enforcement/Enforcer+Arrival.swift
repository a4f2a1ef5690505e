import Policy
public import Signals

extension Enforcer {
    /// Takes up what another host's Quell, or one of before a save, holds a VM by that has come here.
    ///
    /// A VM that is migrated or restored brings its limits and the mark of who set them, and no lease. Each setting that is
    /// still the marked one comes under a lease of this host, for what is left of its term on the wall clock, so that it is
    /// neither held twice nor forgotten; any other is a person's and left alone. In dry run and while disarmed all of it is
    /// given back at once.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - name: Its name, for people only.
    ///   - vcpus: Its vCPUs.
    ///   - now: The moment.
    /// - Returns: What came of it; nothing where it has no mark, or is held here already.
    public func arrive(_ vm: VMIdentity, name: String, vcpus: Int, now: MonotonicTime) async -> [LeaseEvent] {
        arriving[vm] = Arriving(name: name, vcpus: vcpus)
        return await receive(vm, now: now)
    }

    /// Looks at a VM that came here marked, where it is due.
    func receive(_ vm: VMIdentity, now: MonotonicTime) async -> [LeaseEvent] {
        guard let guest = arriving[vm], guest.retry.due <= now, !busy.contains(vm) else { return [] }
        if holds.values.contains(where: { $0.key.vm == vm }) {
            arriving[vm] = nil
            return []
        }
        let (name, vcpus) = (guest.name, guest.vcpus)
        busy.insert(vm)
        let found = await arrival(vm)
        busy.remove(vm)
        if case .away(let why) = found {
            arriving[vm]?.retry.tried(at: now)
            arriving[vm]?.isTold = true
            let text = "whether it was held before it came here cannot be told yet: \(why)"
            return guest.isTold ? [] : [.failed(HoldKey(vm, .cpu), name: name, text)]
        }
        arriving[vm] = nil
        switch found {
        case .unmarked, .away: return []
        case .strange:
            let text = "it has a mark in its metadata that is none of Quell's: it is left alone"
            return [.failed(HoldKey(vm, .cpu), name: name, text)]
        case .marked(let arrival):
            var events: [LeaseEvent] = []
            let kinds = Contention.allCases.filter { kind in arrival.knobs.contains { $0.entry.contention == kind } }
            for contention in kinds {
                let knobs = arrival.knobs.filter { $0.entry.contention == contention }
                events += await takeUp(knobs, HoldKey(vm, contention), arrival.parts, name, vcpus, now)
            }
            // Of this host now; nobody's where nothing of it was still in force.
            busy.insert(vm)
            let trouble = await mark(vm, now: now)
            busy.remove(vm)
            for id in holds.values.filter({ $0.key.vm == vm }).map(\.id) { confirm(id) }
            if let trouble {
                events.append(.failed(HoldKey(vm, .cpu), name: name, "its mark cannot be renewed: \(trouble)"))
            }
            return events + (await settle(vm, now: now))
        }
    }

    /// What a VM brought along that is still in force.
    private struct Arrival {
        var parts: VMParts
        var knobs: [(entry: HoldMark.Entry, knob: Knob, found: Setting)] = []
    }

    /// A VM that came here marked and has yet to be looked at.
    struct Arriving {
        /// Its name, for people only.
        var name: String
        /// Its vCPUs.
        var vcpus: Int
        /// When it is looked at again.
        var retry = BackOff()
        /// Whether it was told that it cannot be looked at.
        var isTold = false
    }

    /// What a look at a VM that came here found.
    private enum Look {
        /// It has no mark, or is gone.
        case unmarked
        /// It has a mark that cannot be understood.
        case strange
        /// It could not be asked.
        case away(String)
        case marked(Arrival)
    }

    /// Reads the mark of a VM, and every knob that it names.
    private func arrival(_ vm: VMIdentity) async -> Look {
        do throws(ActuatorError) {
            guard let text = try await actuator.mark(of: vm) else { return .unmarked }
            guard let mark = HoldMark(text) else { return .strange }
            var arrival = Arrival(parts: try await actuator.parts(of: vm))
            for entry in mark.entries {
                guard let knob = mark.local(entry, arrival.parts), !arrival.knobs.contains(where: { $0.knob == knob })
                else { continue }
                do throws(ActuatorError) {
                    let found = try await actuator.read(knob, of: vm)
                    if isMarked(found, entry) { arrival.knobs.append((entry, knob, found)) }
                } catch .partGone, .refused {
                    continue
                }
            }
            return .marked(arrival)
        } catch .vmGone, .generationChanged {
            return .unmarked
        } catch {
            return .away(error.description)
        }
    }

    /// Whether a setting is one that the mark's writer made.
    private func isMarked(_ found: Setting, _ entry: HoldMark.Entry) -> Bool {
        !Lease.agree(found, entry.before) && entry.set.contains { Lease.agree(found, $0) }
    }

    /// Opens leases for what a VM brought along.
    private func takeUp(
        _ knobs: [(entry: HoldMark.Entry, knob: Knob, found: Setting)],
        _ key: HoldKey,
        _ parts: VMParts,
        _ name: String,
        _ vcpus: Int,
        _ now: MonotonicTime
    ) async -> [LeaseEvent] {
        guard let first = knobs.first?.entry else { return [] }
        let here = moment(now)
        let left = Double(knobs.map(\.entry.until).max() ?? 0) / 1e9 - Double(here.wall) / 1e9
        var order = HoldOrder(
            vm: key.vm,
            name: name,
            vcpus: vcpus,
            contention: key.contention,
            step: HoldStep(text: first.step) ?? .throttle(QuotaPlan.leastShare),
            term: min(Lease.longestTerm, max(1, left)),
            rule: first.rule,
            victim: nil,
            victimName: ""
        )
        order.origin = .arrived
        let leases = knobs.map { entry, knob, found in
            var lease = Lease(order: order, knob: knob, before: entry.before, pending: found, now: here, bootID: bootID)
            lease.set = found
            return lease
        }
        let opened: [Lease]
        do { opened = try ledger.write(opening: leases) } catch {
            // To give back needs no ledger, and nobody is held without one.
            for lease in leases { _ = await restore(lease) }
            return [
                .failed(key, name: name, "it came here held and is let go, since no lease can be written: \(error)")
            ]
        }
        guard let id = opened.first?.hold else { return [] }
        var hold = Hold(id: id, key: key, name: name, knobs: opened.map(HeldKnob.init), isGranted: true)
        for index in hold.knobs.indices { hold.knobs[index].isGranted = true }
        hold.order = order
        hold.parts = parts
        if !isArmed { hold.ending = .disarmed } else if mode == .dryRun { hold.ending = .policy }
        holds[id] = hold
        let changes = opened.map { "\($0.knob): \($0.set) instead of \($0.before)" }
        return [.granted(order, lease: id, changes: changes)]
    }

    /// Notes that what a VM brought along is in force, once its mark is this host's.
    private func confirm(_ id: UInt64) {
        let pending = holds[id]?.knobs.map(\.lease).filter { $0.pending != nil } ?? []
        // Where that cannot be noted it stays pending, which is as safe.
        for lease in (try? ledger.applied(pending.map(\.id))) ?? [] {
            if let index = holds[id]?.index(of: lease.id) { holds[id]?.knobs[index].lease = lease }
        }
    }
}
