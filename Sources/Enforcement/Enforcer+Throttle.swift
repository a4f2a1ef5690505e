import Policy
import Signals

extension Enforcer {
    /// Holds a VM under a new lease, or changes the one that it has.
    func throttle(_ order: HoldOrder, now: MonotonicTime) async -> [LeaseEvent] {
        guard (order.step.share ?? 0.1).isFinite, (order.step.share ?? 0.1) > 0, order.term.isFinite, order.term > 0 else {
            return [.failed(order.key, name: order.name, "a cap of \((order.step.share ?? 0.1)) for \(order.term) s cannot be set")]
        }
        switch mode {
        case .dryRun:
            let expires = moment(now).later(bySeconds: order.term).boot
            rehearsed[order.vm] = Rehearsal(name: order.name, expires: expires)
            return [.wouldHold(order)]
        case .enforce: break
        }
        if starting[order.vm] != nil {
            return [.failed(order.key, name: order.name, "another change of it is under way")]
        }
        let own = holds.values.filter { $0.lease.vm == order.vm }
        if own.contains(where: { $0.ending != nil }) {
            return [.failed(order.key, name: order.name, "it is being given back")]
        }
        guard let hold = own.first else { return await grant(order, now: now) }
        if hold.isBusy { return [.failed(order.key, name: order.name, "another change of it is under way")] }
        return await adjust(hold, order, now: now)
    }

    /// Opens a lease and brings it into force.
    private func grant(_ order: HoldOrder, now: MonotonicTime) async -> [LeaseEvent] {
        func failed(_ text: String) -> [LeaseEvent] { [.failed(order.key, name: order.name, text)] }
        starting[order.vm] = .some(nil)
        let look: Result<VCPUQuota, ActuatorError>
        do throws(ActuatorError) {
            look = .success(try await actuator.quota(of: order.vm))
        } catch {
            look = .failure(error)
        }
        let unwanted = starting.removeValue(forKey: order.vm).flatMap(\.self)
        let before: VCPUQuota
        switch look {
        case .success(let quota): before = quota
        case .failure(let error): return failed("\(error); nothing was changed")
        }
        if let unwanted { return failed("let go (\(unwanted.rawValue)) before it was held") }
        guard let plan = QuotaPlan(cap: (order.step.share ?? 0.1), before: before) else { return failed("no such cap") }
        guard !plan.isOwn else {
            return failed("its own limit, \(before), is as strict as the cap or stricter: it is left as it is")
        }
        guard let told = effective(order, plan) else {
            return failed("its period of \(before.period) µs is too short for a cap of \((order.step.share ?? 0.1))")
        }
        let lease: Lease
        do {
            lease = try ledger.open(
                Lease(order: order, before: before, pending: plan.quota, now: moment(now), bootID: bootID)
            )
        } catch {
            return failed("no lease can be written: \(error); nothing was changed")
        }
        holds[lease.id] = Hold(lease: lease, order: told, isBusy: true, isGranted: false)
        return await apply(lease.id, now: now) { .granted(told, lease: lease.id, changes: []) }
    }

    /// Changes the value under a lease and counts its term anew.
    private func adjust(_ hold: Hold, _ order: HoldOrder, now: MonotonicTime) async -> [LeaseEvent] {
        var lease = hold.lease
        guard let plan = QuotaPlan(cap: (order.step.share ?? 0.1), before: lease.before), let told = effective(order, plan) else {
            return [.failed(order.key, name: order.name, "a cap of \((order.step.share ?? 0.1)) cannot be set; the one before stays")]
        }
        lease.renew(order, pending: plan.quota, now: moment(now))
        do { try ledger.change(lease) } catch {
            return [.failed(order.key, name: order.name, "the change cannot be written: \(error); the cap stays")]
        }
        holds[lease.id]?.lease = lease
        holds[lease.id]?.order = told
        holds[lease.id]?.isBusy = true
        return await apply(lease.id, now: now) { .adjusted(told, lease: lease.id, changes: []) }
    }

    /// The order with the cap that it will really have; `nil` where that would hold nothing back.
    private func effective(_ order: HoldOrder, _ plan: QuotaPlan) -> HoldOrder? {
        guard !plan.isOwn else { return order }
        var told = order
        let share = plan.effectiveCap(asked: (order.step.share ?? 0.1))
        told.step = .throttle(share)
        return share >= 1 && (order.step.share ?? 0) < 1 ? nil : told
    }

    /// What came of setting a value.
    private enum Application {
        case inForce
        case foreign(VCPUQuota)
        case gone
        case failed(String, isUnknown: Bool)
    }

    /// Sets the value that a busy hold has pending, reads it back and notes it; gives the hold back where that fails.
    func apply(_ id: UInt64, now: MonotonicTime, _ event: () -> LeaseEvent) async -> [LeaseEvent] {
        guard let lease = holds[id]?.lease, let pending = lease.pending else { return [] }
        let application = await set(pending, under: lease, isGranted: holds[id]?.isGranted == true)
        let name = lease.name
        var events: [LeaseEvent] = []
        switch application {
        case .inForce:
            do {
                let confirmed = try ledger.applied(id)
                holds[id]?.lease = confirmed
                holds[id]?.isGranted = true
                events = [event()]
            } catch {
                return await back(id, .policy, told: "the ledger cannot be written: \(error)", now: now)
            }
        case .foreign(let found):
            holds[id]?.outcome = .foreign(found.description)
            holds[id]?.end(.policy)
        case .gone:
            holds[id]?.outcome = .gone
            holds[id]?.ending = .gone
            if holds[id]?.isGranted == false {
                events = [.failed(HoldKey(lease.vm, .cpu), name: name, "the VM went away before it was held")]
            }
        case .failed(let text, let isUnknown):
            if isUnknown { holds[id]?.unsettledUntil = now.advanced(bySeconds: Self.settleTime) }
            return await back(id, .policy, told: text, now: now)
        }
        holds[id]?.isBusy = false
        // Whoever asked meanwhile for its end found it busy.
        return events + (await giveBack(id, now: now))
    }

    /// Gives back a hold that could not be brought into force, and says why.
    private func back(
        _ id: UInt64,
        _ reason: ReleaseReason,
        told text: String,
        now: MonotonicTime
    ) async -> [LeaseEvent] {
        guard let hold = holds[id] else { return [] }
        holds[id]?.end(reason)
        holds[id]?.isBusy = false
        let events = await giveBack(id, now: now)
        let isBack = holds[id] == nil
        let end = isBack ? "its lease is ended" : "its lease stays open until it is given back"
        // The failure to give back, if any, is part of the same line.
        let rest = events.filter { event in
            if case .failed = event { return false }
            return true
        }
        if !isBack { holds[id]?.isFailureTold = true }
        return [.failed(HoldKey(hold.lease.vm, .cpu), name: hold.lease.name, "\(text); \(end)")] + rest
    }

    /// Looks once more, sets and reads back.
    private func set(_ value: VCPUQuota, under lease: Lease, isGranted: Bool) async -> Application {
        // What a reset leaves is no stranger's, once there was something to reset.
        func isExpected(_ found: VCPUQuota) -> Bool {
            found.matches(lease.set) || isGranted && lease.isReset(found)
        }
        do throws(ActuatorError) {
            let found = try await actuator.quota(of: lease.vm)
            guard isExpected(found) else { return .foreign(found) }
        } catch .vmGone, .generationChanged {
            return .gone
        } catch {
            return .failed("\(error)", isUnknown: false)
        }
        do throws(ActuatorError) {
            try await actuator.setQuota(value, of: lease.vm)
        } catch .vmGone, .generationChanged {
            return .gone
        } catch .unknown(let text) {
            return .failed("\(ActuatorError.unknown(text))", isUnknown: true)
        } catch {
            return .failed("\(error)", isUnknown: false)
        }
        do throws(ActuatorError) {
            let found = try await actuator.quota(of: lease.vm)
            if found.matches(value) { return .inForce }
            if isExpected(found) {
                return .failed("\(value) was set and \(found) read back", isUnknown: false)
            }
            return .foreign(found)
        } catch .vmGone, .generationChanged {
            return .gone
        } catch {
            return .failed("\(error)", isUnknown: false)
        }
    }
}

extension Lease {
    /// Whether a limit found is what systemd or libvirt put back, not what a person chose.
    ///
    /// Both know only the value before the lease and none at all: systemd writes its unit's own when it reloads,
    /// libvirt that of the configuration. Any other value that is not Quell's is a person's.
    func isReset(_ found: VCPUQuota) -> Bool {
        found.matches(before) || found.quota == nil
    }
}
