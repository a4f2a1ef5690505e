internal import Signals

extension Ladder {
    /// Seconds a second held by the quota, per vCPU, up to which a VM does not press on its cap.
    static let pressesAbove = 0.01
    /// The share of its cap below which a VM's use does not press on it.
    static let pressesFrom = 0.9

    /// What to do while a victim is hurt: a step down, a step back after a step up, or the verdict at the last step.
    mutating func goDown(
        _ entry: inout LadderEntry,
        hurt: [Complaint],
        tick: LadderTick,
        frame: Frame
    ) -> Step {
        let now = frame.time
        let blames = hurt.filter { $0.culprit == entry.vm }
        let excess = blames.map(\.excess).max() ?? -.infinity
        let stillPressed =
            !tick.isHurtByMore(entry.vm, than: excess)
            && (!blames.isEmpty
                || entry.victims.contains { victim in
                    hurt.contains { $0.victim.identity == victim.vm } && Self.isBetter(victim, in: frame) == false
                })
        switch entry.phase {
        case .raising:
            // One step back to where it was calm, not the whole way down.
            guard stillPressed, mayStepDown(entry, at: now) else { return .wait }
            let below = entry.plan.steps.indices.first { (entry.plan.cap(at: $0) ?? 1) < entry.cap - 1e-9 }
            guard let below, let cap = entry.plan.cap(at: below) else { return .wait }
            actions.count(at: now)
            return change(&entry, to: .init(cap: cap, phase: .inForce), at: now)
        case .inForce:
            guard let cap = entry.plan.cap(at: entry.step + 1), cap < entry.cap else {
                return verify(&entry, frame: frame)
            }
            guard
                stillPressed, now.seconds(since: entry.capSince) >= entry.plan.stepAfter,
                mayStepDown(entry, at: now)
            else { return .wait }
            actions.count(at: now)
            return change(&entry, to: .init(cap: cap, phase: .inForce), at: now)
        case .requested, .releasing:
            return .wait
        }
    }

    /// What to do while no victim is hurt: let up step by step once all has been calm for long enough.
    func goUp(_ entry: inout LadderEntry, slot: VMSlot, frame: Frame) -> Step {
        let now = frame.time
        guard
            let calmSince = entry.calmSince, standOff.allows(entry.vm, at: now),
            entry.victims.isEmpty || !Self.pressesOnCap(entry, slot: slot, frame: frame)
        else { return .wait }
        switch entry.phase {
        case .inForce:
            guard now.seconds(since: calmSince) >= entry.plan.calm else { return .wait }
            let share = entry.plan.raise
            entry.raiseBy = (share > 0 && share <= 0.1 ? share : 0.1) * (1 - entry.cap)
        case .raising:
            guard now.seconds(since: entry.capSince) >= entry.plan.raiseEvery else { return .wait }
        case .requested, .releasing:
            return .wait
        }
        let cap = entry.cap + entry.raiseBy
        guard cap < 1 - 1e-6, entry.raiseBy > 0 else {
            return .ask(Self.release(&entry, .calm, at: now))
        }
        return change(&entry, to: .init(cap: cap, phase: .raising), at: now)
    }

    /// Notes at the last step since when each victim has been hurt and no better; what cannot be read changes nothing.
    func judgeVictims(_ entry: inout LadderEntry, hurt: [Complaint], frame: Frame) {
        let isLast = entry.plan.cap(at: entry.step + 1).map { $0 >= entry.cap } ?? true
        for index in entry.victims.indices {
            let victim = entry.victims[index]
            guard let better = Self.isBetter(victim, in: frame) else { continue }
            let isUnmoved =
                isLast && entry.phase == .inForce && !better && hurt.contains { $0.victim.identity == victim.vm }
            entry.victims[index].unmovedSince = isUnmoved ? victim.unmovedSince ?? frame.time : nil
        }
    }

    /// At the last step: lets the entry go where it did not help, and acquits it of those whom it did not help.
    private mutating func verify(_ entry: inout LadderEntry, frame: Frame) -> Step {
        let now = frame.time
        let unmoved = entry.victims.filter { victim in
            guard let since = victim.unmovedSince, Self.isBetter(victim, in: frame) == false else { return false }
            return now.seconds(since: since) >= entry.plan.verify
        }
        guard !unmoved.isEmpty else { return .wait }
        let until = now.later(bySeconds: entry.plan.acquittal)
        for victim in unmoved { acquit(entry.vm, of: victim.vm, until: until) }
        entry.victims.removeAll { victim in unmoved.contains { $0.vm == victim.vm } }
        return entry.victims.isEmpty ? .ask(Self.release(&entry, .noEffect, at: now)) : .wait
    }

    /// Whether a victim is better than when the entry was first held for it; `nil` where that cannot be read.
    private static func isBetter(_ victim: HeldFor, in frame: Frame) -> Bool? {
        guard let slot = frame.slot(of: victim.vm) else { return nil }
        return frame[slot, victim.signal].trusted.map(victim.isBetter)
    }

    /// Whether a further step down keeps within the limits.
    private mutating func mayStepDown(_ entry: LadderEntry, at now: MonotonicTime) -> Bool {
        standOff.allows(entry.vm, at: now) && actions.admits(at: now, limit: policy.limits.actionsPerMinute)
    }

    /// Whether a held VM would use more than its cap lets it; where that cannot be read it counts as pressing.
    private static func pressesOnCap(_ entry: LadderEntry, slot: VMSlot, frame: Frame) -> Bool {
        if let held = frame[slot, .cpuThrottled].trusted, held <= pressesAbove { return false }
        if let cores = frame[slot, .cpuUsage].trusted, cores < pressesFrom * entry.cap * Double(entry.vcpus) {
            return false
        }
        return true
    }
}
