public import Signals

extension Ladder {
    /// Learns what became of an intent.
    ///
    /// A lease that the ladder did not ask for, or gave up waiting for, is followed like its own.
    ///
    /// - Parameters:
    ///   - event: What became of it.
    ///   - now: When.
    public mutating func note(_ event: LeaseEvent, at now: MonotonicTime) {
        switch event {
        case .granted(let order, lease: _, changes: _):
            began(order, isVirtual: false, at: now)
        case .wouldHold(let order):
            began(order, isVirtual: true, at: now)
        case .adjusted(let order, lease: _, changes: _):
            adjusted(order, at: now)
        case .wouldRelease(let key, name: _, _):
            entries.removeAll { $0.vm == key.vm }
        case .released(let key, name: _, lease: _, let reason):
            let vm = key.vm
            // A person who lets a VM go does not want it held again at the next tick.
            if reason == .operatorRequest { leaveAlone(vm, at: now) }
            // An order that is out has an answer of its own to come.
            entries.removeAll { $0.vm == vm && $0.phase != .requested }
        case .handedOver(let key, name: _, lease: _, found: _):
            leaveAlone(key.vm, at: now)
            entries.removeAll { $0.vm == key.vm }
        case .failed(let key, name: _, _):
            failed(key.vm, at: now)
        }
    }

    /// A hold began, or was told in dry run.
    private mutating func began(_ order: HoldOrder, isVirtual: Bool, at now: MonotonicTime) {
        standOff.worked(order.vm)
        guard let index = entries.firstIndex(where: { $0.vm == order.vm }) else {
            entries.append(unasked(order, isVirtual: isVirtual, expires: now.later(bySeconds: order.term), at: now))
            mustTrim = true
            return
        }
        // An answer that comes after the release was asked for changes nothing: the release follows it.
        guard entries[index].phase != .releasing else { return }
        if entries[index].phase == .requested { entries[index].expires = now.later(bySeconds: order.term) }
        entries[index].isVirtual = isVirtual
        apply(order, to: &entries[index], phase: .inForce, at: now)
    }

    /// A cap was changed.
    private mutating func adjusted(_ order: HoldOrder, at now: MonotonicTime) {
        standOff.worked(order.vm)
        guard let index = entries.firstIndex(where: { $0.vm == order.vm }) else {
            began(order, isVirtual: false, at: now)
            return
        }
        guard entries[index].phase != .releasing else { return }
        let change = entries[index].change
        let own = entries[index].phase == .requested ? .inForce : entries[index].phase
        apply(order, to: &entries[index], phase: change?.cap == (order.step.share ?? 0) ? change?.phase ?? own : own, at: now)
    }

    private func apply(
        _ order: HoldOrder,
        to entry: inout LadderEntry,
        phase: LadderHold.Phase,
        at now: MonotonicTime
    ) {
        entry.phase = phase
        entry.cap = Self.sane((order.step.share ?? 0))
        entry.step = entry.plan.step(of: entry.cap)
        entry.change = nil
        entry.capSince = now
    }

    /// It could not be done.
    private mutating func failed(_ vm: VMIdentity, at now: MonotonicTime) {
        guard let index = entries.firstIndex(where: { $0.vm == vm }) else { return }
        switch entries[index].phase {
        case .requested:
            entries.remove(at: index)
            standOff.failed(vm, at: now)
        case .inForce, .raising:
            entries[index].change = nil
            standOff.failed(vm, at: now)
        case .releasing:
            // The enforcer's own expiry does not wait for this.
            entries[index].releaseAgainAt = now.advanced(bySeconds: entries[index].releaseRetry)
            entries[index].releaseRetry = min(Self.answerWithin, entries[index].releaseRetry * 2)
        }
    }

    /// Leaves a VM that a person took in hand alone for as long as an acquitted one.
    private mutating func leaveAlone(_ vm: VMIdentity, at now: MonotonicTime) {
        let seconds = entries.first { $0.vm == vm }?.plan.acquittal ?? LadderPlan(name: "").acquittal
        standOff.leave(vm, at: now, seconds: seconds)
    }

    /// An entry for a lease that the ladder has no entry of.
    private func unasked(
        _ order: HoldOrder,
        isVirtual: Bool,
        expires: MonotonicTime,
        at now: MonotonicTime
    ) -> LadderEntry {
        let rule = policy.rules.first { $0.name == order.rule }
        let plan = rule?.ladder.flatMap { policy.ladders[$0] }
        let cap = Self.sane((order.step.share ?? 0))
        let victim = HeldFor(
            vm: order.victim ?? order.vm,
            name: order.victimName,
            rule: order.rule,
            signal: rule?.signal ?? .cpuRunDelay,
            lowerIsWorse: rule?.below != nil,
            // What it was at onset is not known, so nothing is counted as an improvement on it.
            onset: rule?.below == nil ? -.infinity : .infinity
        )
        var entry = LadderEntry(
            vm: order.vm,
            name: order.name,
            vcpus: max(1, order.vcpus),
            rule: order.rule,
            plan: plan ?? LadderPlan(name: ""),
            victims: [victim],
            phase: .inForce,
            step: 0,
            cap: cap,
            expires: expires,
            askedAt: now,
            capSince: now,
            lastVictim: victim
        )
        entry.step = entry.plan.step(of: cap)
        entry.isVirtual = isVirtual
        entry.isRevoked = plan == nil
        return entry
    }

    /// A cap within 0.1 to 1, whatever was given.
    private static func sane(_ cap: Double) -> Double {
        cap.isFinite ? min(1, max(LadderPlan.floor, cap)) : 1
    }
}
