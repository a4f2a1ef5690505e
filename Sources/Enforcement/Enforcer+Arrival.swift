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

    /// Takes the mark off a VM that was started from its description with one, and puts nothing back of what it says.
    ///
    /// Nobody can have held back a VM that did not run. So such a mark is either left over in a description that was saved
    /// from a held VM, or forged by somebody who has a say in the metadata and wants the limits of the VM's owner lifted.
    ///
    /// - Parameters:
    ///   - vm: The VM.
    ///   - name: Its name, for people only.
    ///   - now: The moment.
    /// - Returns: That it was so; nothing where it is held here already.
    public func disown(_ vm: VMIdentity, name: String, now: MonotonicTime) async -> [LeaseEvent] {
        if holds.values.contains(where: { $0.key.vm == vm }) { return [] }
        var text = "it was started with a mark of a hold in its description: nothing that it says is put back"
        if let trouble = await mark(vm, now: now) { text += "; it cannot be taken off: \(trouble)" }
        return [.failed(HoldKey(vm, .cpu), name: name, text)]
    }

    /// Looks at a VM that came here marked, where it is due.
    func receive(_ vm: VMIdentity, now: MonotonicTime) async -> [LeaseEvent] {
        guard let guest = arriving[vm], guest.retry.due <= now, !busy.contains(vm) else { return [] }
        if holds.values.contains(where: { $0.key.vm == vm }) {
            arriving[vm] = nil
            return []
        }
        busy.insert(vm)
        var events: [LeaseEvent] = []
        switch await arrival(vm) {
        case .unmarked: arriving[vm] = nil
        case .strange:
            arriving[vm] = nil
            let text = "it has a mark in its metadata that is none of Quell's: it is left alone"
            events = [.failed(HoldKey(vm, .cpu), name: guest.name, text)]
        case .away(let why):
            events = postpone(vm, "whether it was held before it came here cannot be told yet: \(why)", now: now)
        case .marked(let arrival): events = await takeUp(arrival, of: vm, guest, now: now)
        }
        busy.remove(vm)
        return events + (await settle(vm, now: now))
    }

    /// Leaves a VM that came here marked for another try, and says why the first time.
    private func postpone(_ vm: VMIdentity, _ text: String, now: MonotonicTime) -> [LeaseEvent] {
        guard let guest = arriving[vm] else { return [] }
        arriving[vm]?.retry.tried(at: now)
        arriving[vm]?.isTold = true
        return guest.isTold ? [] : [.failed(HoldKey(vm, .cpu), name: guest.name, text)]
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
        /// Whether it was told that it cannot be looked at, or given back.
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
                } catch .partGone {
                    continue
                } catch .refused {
                    // It may be as it was left: it comes under a lease, and is looked at again before it is given back.
                    if let found = entry.set.last { arrival.knobs.append((entry, knob, found)) }
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

    /// Opens leases for all that a VM brought along, in one write, and makes its mark this host's.
    private func takeUp(
        _ arrival: Arrival,
        of vm: VMIdentity,
        _ guest: Arriving,
        now: MonotonicTime
    ) async -> [LeaseEvent] {
        let here = moment(now)
        let orders = orders(for: arrival, of: vm, guest, here)
        let leases = arrival.knobs.compactMap { entry, knob, found in
            orders[entry.contention].map { lease(for: knob, entry, found, arrival.parts, $0, here) }
        }
        let opened: [Lease]
        do { opened = leases.isEmpty ? [] : try ledger.write(opening: leases) } catch {
            // To give back needs no ledger, and nobody is held without one.
            let text = "it came here held and is let go, since no lease can be written: \(error)"
            var trouble = await giveBack(leases)
            if trouble == nil { trouble = await mark(vm, now: now) }
            if let trouble { return postpone(vm, "\(text); it cannot be given back yet: \(trouble)", now: now) }
            arriving[vm] = nil
            return [.failed(HoldKey(vm, .cpu), name: guest.name, text)]
        }
        var events: [LeaseEvent] = []
        for leases in Self.chains(opened, of: \.hold) {
            guard let first = leases.first, let order = orders[first.contention] else { continue }
            var hold = Hold(
                id: first.hold,
                key: first.key,
                name: guest.name,
                knobs: leases.map(HeldKnob.init),
                isGranted: true
            )
            for index in hold.knobs.indices { hold.knobs[index].isGranted = true }
            hold.order = order
            hold.parts = arrival.parts
            if !isArmed { hold.ending = .disarmed } else if mode == .dryRun { hold.ending = .policy }
            holds[hold.id] = hold
            let changes = leases.map { "\($0.knob): \($0.set) instead of \($0.before)" }
            events.append(.granted(order, lease: hold.id, changes: changes))
        }
        // Of this host now; nobody's where nothing of it was still in force.
        if let trouble = await mark(vm, now: now) {
            if opened.isEmpty { return postpone(vm, "its mark cannot be taken off: \(trouble)", now: now) }
            events.append(.failed(HoldKey(vm, .cpu), name: guest.name, "its mark cannot be renewed: \(trouble)"))
        } else {
            for hold in Set(opened.map(\.hold)) { confirm(hold) }
        }
        arriving[vm] = nil
        return events
    }

    /// What the VM would have been held by, had it been ordered here: one order for each contention.
    private func orders(
        for arrival: Arrival,
        of vm: VMIdentity,
        _ guest: Arriving,
        _ here: Lease.Moment
    ) -> [Contention: HoldOrder] {
        var orders: [Contention: HoldOrder] = [:]
        for entries in Self.chains(arrival.knobs.map(\.entry), of: \.contention) {
            guard let first = entries.first else { continue }
            let left = Double(entries.map(\.until).max() ?? 0) / 1e9 - Double(here.wall) / 1e9
            var order = HoldOrder(
                vm: vm,
                name: guest.name,
                vcpus: guest.vcpus,
                contention: first.contention,
                step: HoldStep(text: first.step) ?? .throttle(QuotaPlan.leastShare),
                term: min(Lease.longestTerm, max(1, left)),
                rule: first.rule,
                victim: nil,
                victimName: ""
            )
            order.origin = .arrived
            orders[first.contention] = order
        }
        return orders
    }

    /// The lease of a setting that a VM brought along.
    private func lease(
        for knob: Knob,
        _ entry: HoldMark.Entry,
        _ found: Setting,
        _ parts: VMParts,
        _ order: HoldOrder,
        _ here: Lease.Moment
    ) -> Lease {
        let before = Self.fitting(entry.before, parts)
        var lease = Lease(order: order, knob: knob, before: before, pending: found, now: here, bootID: bootID)
        lease.set = found
        return lease
    }

    /// What was before, as far as this host can set it: of the CPUs of another host those that it has too, or else all.
    private static func fitting(_ before: Setting, _ parts: VMParts) -> Setting {
        guard case .pins(let pins) = before, !parts.hostCPUs.isEmpty else { return before }
        return .pins(
            pins.map { cpus in
                let shared = cpus.intersection(parts.hostCPUs)
                return shared.isEmpty ? parts.hostCPUs : shared
            }
        )
    }

    /// Gives back what the mark of a VM says and no lease does, as where a daemon died while it took it up.
    ///
    /// - Parameter vm: The VM.
    /// - Returns: Why it could not be; `nil` where it was, or there is nothing.
    func giveBackMarked(_ vm: VMIdentity) async -> String? {
        switch await arrival(vm) {
        case .unmarked, .strange: return nil
        case .away(let why): return why
        case .marked(let arrival):
            let here = Lease.Moment(wall: 0, boot: MonotonicTime(nanoseconds: 0))
            let orders = orders(for: arrival, of: vm, Arriving(name: "", vcpus: 0), here)
            return await giveBack(
                arrival.knobs.compactMap { entry, knob, found in
                    guard holder(of: knob, on: vm, but: nil) == nil else { return nil }
                    return orders[entry.contention].map { lease(for: knob, entry, found, arrival.parts, $0, here) }
                }
            )
        }
    }

    /// Gives back what leases say that no ledger has, the latest first.
    ///
    /// - Parameter leases: The leases.
    /// - Returns: Why one could not be; `nil` where all were.
    private func giveBack(_ leases: [Lease]) async -> String? {
        var trouble: String?
        for lease in leases.reversed() {
            switch await restore(lease) {
            case .ended: break
            case .failed(let text), .unreachable(let text): trouble = text
            }
        }
        return trouble
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
