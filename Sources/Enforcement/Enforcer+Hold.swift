import Policy
import Signals

extension Enforcer {
    /// Holds a VM under new leases, or changes those that it has over the same contention.
    func hold(_ order: HoldOrder, now: MonotonicTime) async -> [LeaseEvent] {
        // Whoever asked meanwhile for an end found the VM busy.
        await place(order, now: now) + (await settle(order.vm, now: now))
    }

    private func place(_ order: HoldOrder, now: MonotonicTime) async -> [LeaseEvent] {
        func failed(_ text: String) -> [LeaseEvent] { [.failed(order.key, name: order.name, text)] }
        if let share = order.step.share, !share.isFinite || share <= 0 {
            return failed("a share of \(share) cannot be set")
        }
        guard order.term.isFinite, order.term > 0 else { return failed("nobody is held for \(order.term) s") }
        guard isArmed else { return failed("Quell is disarmed: nobody is held until 'quell arm'") }
        let own = holds.values.first { $0.key == order.key }
        if own?.order?.origin == .person, order.origin != .person { return failed("an operator holds it") }
        if isRehearsal(order) {
            let expires = moment(now).later(bySeconds: order.term).boot
            rehearsed[order.key] = Rehearsal(name: order.name, expires: expires)
            return [.wouldHold(order)]
        }
        rehearsed[order.key] = nil
        if own?.ending != nil { return failed("it is being given back") }
        if arriving[order.vm] != nil { return failed("it came here held, and by what cannot be told yet") }
        if busy.contains(order.vm) { return failed("another change of it is under way") }
        busy.insert(order.vm)
        starting[order.key] = .some(nil)
        let prepared = await prepare(order, own)
        let unwanted = starting.removeValue(forKey: order.key).flatMap(\.self)
        busy.remove(order.vm)
        switch prepared {
        case .failure(let error):
            return failed("\(error); nothing was changed" + (own == nil ? "" : "; what was set stays"))
        case .success(let draft):
            if let unwanted { return failed("let go (\(unwanted.rawValue)) before it was held") }
            // The mode may have changed while the VM was looked at.
            if isRehearsal(order) { return failed("let go (\(ReleaseReason.policy.rawValue)) before it was held") }
            if draft.settings.isEmpty, own == nil { return failed(draft.refusal) }
            return await write(draft, order, own?.id, now: now)
        }
    }

    /// Whether an order is only told: one of the ladder in dry run.
    private func isRehearsal(_ order: HoldOrder) -> Bool { mode == .dryRun && order.origin != .person }

    /// What an order comes to on a VM.
    struct Draft {
        /// The knobs to set, each with the setting before and the one to set.
        var settings: [(knob: Knob, before: Setting, to: Setting)] = []
        /// Knobs of the hold that the order does not ask for any more.
        var surplus: Set<Knob> = []
        /// What is left as it is and why.
        var notes: [String] = []
        /// What the VM is made of.
        var parts: VMParts
        /// The order with the share that it will really leave.
        var told: HoldOrder

        /// Why nothing at all is to be set.
        var refusal: String { notes.isEmpty ? "there is nothing to hold it back by" : notes.joined(separator: "; ") }
    }

    /// Looks at a VM and plans every knob that an order asks for; nothing is changed.
    private func prepare(_ order: HoldOrder, _ own: Hold?) async -> Result<Draft, ActuatorError> {
        do throws(ActuatorError) {
            // What a VM is made of is asked for again only where the kind of step is another.
            let isSameKind = own?.order.map { ($0.step.share == nil) == (order.step.share == nil) } ?? false
            let parts: VMParts
            if isSameKind, let known = own?.parts {
                parts = known
            } else {
                parts = try await actuator.parts(of: order.vm)
            }
            let plan = HoldPlan(order, parts: parts)
            var draft = Draft(notes: plan.notes, parts: parts, told: order)
            let held = Dictionary(
                (own?.knobs ?? []).filter { !$0.isEnding }.map { ($0.lease.knob, $0.lease) },
                uniquingKeysWith: { first, _ in first }
            )
            if !plan.isOnTop { draft.surplus = Set(held.keys).subtracting(plan.aims.map(\.knob)) }
            let leaving = Set((own?.knobs ?? []).filter(\.isEnding).map(\.lease.knob))
            for (knob, aim) in plan.aims {
                if leaving.contains(knob) {
                    draft.notes.append("\(knob): it is being given back")
                    continue
                }
                if let other = holder(of: knob, on: order.vm, but: own?.id) {
                    draft.notes.append("\(knob): it is set already over \(other.key.contention.rawValue)")
                    continue
                }
                let before: Setting
                if let lease = held[knob] {
                    before = lease.before
                } else {
                    do throws(ActuatorError) { before = try await actuator.read(knob, of: order.vm) } catch {
                        try Self.note("\(knob): \(error)", error, in: &draft)
                        continue
                    }
                }
                do throws(ActuatorError) {
                    try await add(knob, aim, before, held[knob], to: &draft)
                } catch {
                    try Self.note("\(knob): \(error)", error, in: &draft)
                }
            }
            return .success(draft)
        } catch {
            return .failure(error)
        }
    }

    /// Notes a knob that cannot be read; what concerns the whole VM is thrown on.
    private static func note(_ text: String, _ error: ActuatorError, in draft: inout Draft) throws(ActuatorError) {
        switch error {
        case .partGone, .refused: draft.notes.append(text)
        case .vmGone, .generationChanged, .unavailable, .unknown: throw error
        }
    }

    /// The hold that has a knob of a VM under a lease; `nil` where none other has.
    func holder(of knob: Knob, on vm: VMIdentity, but own: UInt64?) -> Hold? {
        holds.values.first { hold in
            hold.key.vm == vm && hold.id != own && hold.knobs.contains { $0.lease.knob == knob }
        }
    }

    /// Plans one knob.
    private func add(
        _ knob: Knob,
        _ aim: HoldPlan.Aim,
        _ before: Setting,
        _ lease: Lease?,
        to draft: inout Draft
    ) async throws(ActuatorError) {
        let plan: KnobPlan
        if case .device(let share) = aim {
            plan = .set(try await actuator.plan(knob, share: share, of: before, for: draft.told.vm))
        } else {
            plan = KnobPlan(aim, before: before)
        }
        switch plan {
        case .set(let setting):
            if case .quota(let quota) = setting, knob == .vcpuQuota, let asked = draft.told.step.share {
                draft.told.step = .throttle(
                    QuotaPlan.effectiveShare(of: quota, asked: max(QuotaPlan.leastShare, asked))
                )
            }
            draft.settings.append((knob, before, setting))
        case .own where lease != nil:
            // On the way up the VM's own limit may be reached before the share is.
            draft.settings.append((knob, before, before))
        case .own:
            draft.notes.append("\(knob): its own limit, \(before), is as strict or stricter: it is left as it is")
        case .impossible(let why): draft.notes.append("\(knob): \(why)")
        }
    }

    /// Writes the leases of a draft ahead, marks the VM, and brings them into force.
    private func write(_ draft: Draft, _ order: HoldOrder, _ own: UInt64?, now: MonotonicTime) async -> [LeaseEvent] {
        func failed(_ text: String) -> [LeaseEvent] { [.failed(order.key, name: order.name, text)] }
        let here = moment(now)
        var fresh: [Lease] = []
        var changed: [Lease] = []
        for (knob, before, to) in draft.settings {
            if let held = own.flatMap({ holds[$0] })?.knobs.first(where: { $0.lease.knob == knob && !$0.isEnding }) {
                var lease = held.lease
                // Looked at and set even where nothing changes: its hold was asked for anew.
                lease.renew(draft.told, pending: to, now: here)
                changed.append(lease)
            } else {
                var lease = Lease(order: draft.told, knob: knob, before: before, pending: to, now: here, bootID: bootID)
                lease.hold = own ?? 0
                fresh.append(lease)
            }
        }
        for knob in own.flatMap({ holds[$0] })?.knobs ?? [] where !changed.contains(where: { $0.id == knob.lease.id }) {
            var lease = knob.lease
            lease.renew(draft.told, pending: lease.pending, now: here)
            changed.append(lease)
        }
        let opened: [Lease]
        do { opened = try ledger.write(opening: fresh, changing: changed) } catch {
            let what =
                own == nil
                ? "no lease can be written: \(error); nothing was changed"
                : "the change cannot be written: \(error); what was set stays"
            return failed(what)
        }
        guard let id = own ?? opened.first?.hold else { return failed(draft.refusal) }
        let isNew = own == nil
        var hold = holds[id] ?? Hold(id: id, key: order.key, name: order.name, knobs: [], isGranted: false)
        for lease in changed { if let index = hold.index(of: lease.id) { hold.knobs[index].lease = lease } }
        hold.knobs += opened.map(HeldKnob.init)
        var notes = draft.notes
        for index in hold.knobs.indices where draft.surplus.contains(hold.knobs[index].lease.knob) {
            hold.knobs[index].isEnding = true
            notes.append("\(hold.knobs[index].lease.knob): given back")
        }
        hold.name = order.name
        hold.order = draft.told
        hold.parts = draft.parts
        holds[id] = hold
        busy.insert(order.vm)
        let isSetting = holds[id]?.knobs.contains { $0.lease.pending != nil } == true
        if isSetting, let trouble = await mark(order.vm, now: now) {
            return await fail(id, "it cannot be marked: \(trouble)", now: now)
        }
        return await apply(id, notes: notes, now: now) { changes in
            isNew
                ? .granted(draft.told, lease: id, changes: changes) : .adjusted(draft.told, lease: id, changes: changes)
        }
    }
}
