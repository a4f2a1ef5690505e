internal import Signals

extension Ladder {
    /// What to do while a victim is hurt: a step down, a step back after a step up, or the verdict at the last step.
    mutating func goDown(
        _ entry: inout LadderEntry,
        _ record: VMRecord,
        hurt: [Complaint],
        tick: LadderTick,
        frame: Frame
    ) -> Step {
        let now = frame.time
        guard let next = entry.rungs.below(entry.rung, suspends: !entry.wasSuspended), entry.step != .suspend else {
            return verify(&entry, frame: frame)
        }
        let isPressed = isStillPressed(entry, by: hurt, tick: tick, frame: frame)
        if let reason = noRoom(for: entry.vm, at: next) {
            if isPressed { refuse(entry, reason, to: hurt) }
            // Nothing stricter can be tried: what is in force is judged as the last step.
            if entry.phase == .raising, isPressed {
                entry.phase = .inForce
                entry.restartClocks(at: now)
            }
            return verify(&entry, frame: frame)
        }
        // On the way up it goes one step back to where it was calm, at once and not the whole way down.
        let isDue = entry.phase == .raising || now.seconds(since: entry.stepSince) >= entry.plan.stepAfter
        guard isPressed, isDue else { return .wait }
        if let reason = closedReason(for: record, tick: tick) {
            refuse(entry, reason, to: hurt)
            return .wait
        }
        guard standOff.allows(entry.key, at: now) else { return .wait }
        guard actions.admits(at: now, limit: policy.limits.actionsPerMinute) else {
            refuse(entry, Self.tooManyActions, to: hurt)
            return .wait
        }
        actions.count(at: now)
        return change(&entry, to: .init(step: next, phase: .inForce), at: now)
    }

    /// Whether a victim's suffering still speaks against a held VM: it is blamed, or the victim is no better.
    private func isStillPressed(_ entry: LadderEntry, by hurt: [Complaint], tick: LadderTick, frame: Frame) -> Bool {
        var isBlamed = false
        var excess = -Double.infinity
        for complaint in hurt where complaint.culprit == entry.vm {
            isBlamed = true
            excess = max(excess, complaint.excess)
        }
        if tick.isHurtByMore(entry.vm, over: entry.contention, than: excess) { return false }
        return isBlamed
            || entry.victims.contains { victim in
                hurt.contains { $0.victim.identity == victim.vm } && victim.isBetter(in: frame) == false
            }
    }

    /// Notes for those who blame a held VM why it is not held back further.
    private mutating func refuse(_ entry: LadderEntry, _ reason: String, to hurt: [Complaint]) {
        for complaint in hurt where complaint.culprit == entry.vm {
            refusals.append(complaint.refusal(of: entry.vm, "held at \(entry.step) and no further: \(reason)"))
        }
    }

    /// What to do while no victim is hurt: let up step by step once all has been calm for long enough.
    func goUp(_ entry: inout LadderEntry, slot: VMSlot, frame: Frame) -> Step {
        let now = frame.time
        guard let calmSince = entry.calmSince, standOff.allowsAgain(entry.key, at: now) else { return .wait }
        let pressure = LadderPressure(of: entry, slot: slot, frame: frame)
        guard pressure != .presses else { return .wait }
        switch entry.phase {
        case .inForce:
            let calm = pressure == .unknown ? entry.plan.calm * 2 : entry.plan.calm
            guard now.seconds(since: calmSince) >= calm else { return .wait }
        case .raising:
            guard now.seconds(since: entry.stepSince) >= entry.plan.raiseEvery else { return .wait }
        case .requested, .releasing:
            return .wait
        }
        guard let share = entry.rung.share else {
            guard let throttle = entry.rungs.lastThrottle else { return .ask(Self.release(&entry, .calm, at: now)) }
            entry.raiseBy = Self.raise(of: entry.plan, from: throttle.share ?? 1)
            return change(&entry, to: .init(step: throttle, phase: .raising), at: now)
        }
        if entry.phase == .inForce { entry.raiseBy = Self.raise(of: entry.plan, from: share) }
        let next = share + entry.raiseBy
        // What came without a word on its use can be held no less than it is, only let go.
        guard next < 1 - 1e-6, entry.raiseBy > 0, entry.use.canThrottle(entry.contention) else {
            return .ask(Self.release(&entry, .calm, at: now))
        }
        return change(&entry, to: .init(step: .throttle(next), phase: .raising), at: now)
    }

    /// How much of a share each step up from it takes.
    private static func raise(of plan: LadderPlan, from share: Double) -> Double {
        (plan.raise > 0 && plan.raise <= 0.1 ? plan.raise : 0.1) * (1 - share)
    }

    /// Notes at the last step since when each victim has been hurt and no better; what cannot be read changes nothing.
    func judgeVictims(_ entry: inout LadderEntry, hurt: [Complaint], frame: Frame) {
        let next = entry.step == .suspend ? nil : entry.rungs.below(entry.rung, suspends: !entry.wasSuspended)
        let isLast = entry.phase == .inForce && (next.map { noRoom(for: entry.vm, at: $0) != nil } ?? true)
        for index in entry.victims.indices {
            let victim = entry.victims[index]
            guard let better = victim.isBetter(in: frame) else { continue }
            let isUnmoved = isLast && !better && hurt.contains { $0.victim.identity == victim.vm }
            let since = isUnmoved ? victim.unmovedSince ?? frame.time : nil
            if since != victim.unmovedSince { entry.victims[index].unmovedSince = since }
        }
    }

    /// At the last step: lets the entry go where it did not help, and acquits it of those whom it did not help.
    private mutating func verify(_ entry: inout LadderEntry, frame: Frame) -> Step {
        let now = frame.time
        guard entry.phase == .inForce else { return .wait }
        let unmoved = entry.victims.filter { victim in
            guard let since = victim.unmovedSince, victim.isBetter(in: frame) == false else { return false }
            return now.seconds(since: since) >= entry.plan.verify
        }
        guard !unmoved.isEmpty else { return .wait }
        let until = now.later(bySeconds: entry.plan.acquittal)
        for victim in unmoved { acquit(entry.key, of: victim.vm, until: until) }
        entry.victims.removeAll { victim in unmoved.contains { $0.vm == victim.vm } }
        return entry.victims.isEmpty ? .ask(Self.release(&entry, .noEffect, at: now)) : .wait
    }
}
