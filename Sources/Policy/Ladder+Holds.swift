internal import Signals

extension Ladder {
    /// What becomes of an entry in a tick.
    enum Step {
        /// It is kept as it is.
        case wait
        /// It is kept, and this is asked for.
        case ask(Intent)
        /// It is forgotten.
        case drop
    }

    /// Takes one entry a tick further.
    ///
    /// What ends a hold comes first and waits for nothing: the end of the lease, the kill switch, the policy, a VM that
    /// is gone. A suspension that has lasted follows. Steps come last, and only for a VM that may be acted on and has no
    /// order open.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - tick: All that was found in this tick.
    ///   - frame: The frame.
    /// - Returns: What becomes of it.
    mutating func advance(_ entry: inout LadderEntry, tick: LadderTick, frame: Frame) -> Step {
        let now = frame.time
        if entry.isVirtual, policy.mode == .enforce { return .drop }
        switch entry.phase {
        case .requested:
            // What comes of it is let go at once, though the switch be armed again before it is answered.
            if tick.circumstances.isDisarmed { entry.mustEnd = .disarmed }
            guard now.seconds(since: entry.askedAt) >= Self.answerWithin else { return .wait }
            standOff.failed(entry.key, at: now)
            return .drop
        case .releasing:
            guard now >= entry.againAt else { return .wait }
            if isGone(&entry, frame: frame), now >= entry.expires { return .drop }
            return .ask(Self.release(&entry, entry.releaseReason ?? .expired, at: now))
        case .inForce, .raising:
            break
        }
        if let reason = endReason(entry, tick: tick, at: now) { return .ask(Self.release(&entry, reason, at: now)) }
        if isGone(&entry, frame: frame) { return .ask(Self.release(&entry, .gone, at: now)) }
        guard let slot = frame.slot(of: entry.vm), let record = frame.recordIfAny(slot) else {
            entry.restartClocks(at: now)
            return .wait
        }
        entry.vcpus = record.vcpus
        if policy.protects(record) { return .ask(Self.release(&entry, .policy, at: now)) }
        if entry.origin == .person { return .wait }
        if policy.mustLetGo(record, wall: tick.circumstances.wall) {
            return .ask(Self.release(&entry, .policy, at: now))
        }
        entry.takeRungs(for: record.workloadClass)
        follow(&entry, tick: tick, frame: frame)
        if let change = entry.change {
            guard now.seconds(since: entry.askedAt) >= Self.answerWithin else { return .wait }
            entry.unanswered = change.step
            entry.change = nil
            standOff.failed(entry.key, at: now)
        }
        if let step = wakeUp(&entry, at: now) { return step }
        // A VM that this hold suspends does not run, which must not keep it so.
        guard Self.mayBeActedOn(record) || (entry.step == .suspend && !Self.isUnderJob(record)) else {
            entry.restartClocks(at: now)
            return .wait
        }
        if let step = comeUp(&entry, at: now) { return step }
        if entry.isVirtual {
            let calm = entry.calmSince.map { now.seconds(since: $0) >= entry.plan.calm } ?? false
            return calm ? .ask(Self.release(&entry, .calm, at: now)) : .wait
        }
        let hurt = tick.complaints.filter { complaint in
            complaint.mayAct && complaint.contention == entry.contention
                && entry.victims.contains { $0.vm == complaint.victim.identity }
        }
        judgeVictims(&entry, hurt: hurt, frame: frame)
        if !hurt.isEmpty { return goDown(&entry, record, hurt: hurt, tick: tick, frame: frame) }
        return goUp(&entry, slot: slot, frame: frame)
    }

    /// Why a hold ends whatever else is; `nil` where it goes on.
    private func endReason(_ entry: LadderEntry, tick: LadderTick, at now: MonotonicTime) -> ReleaseReason? {
        if now >= entry.expires { return .expired }
        if tick.circumstances.isDisarmed { return .disarmed }
        if let reason = entry.mustEnd { return reason }
        return policy.mode == .dryRun && !entry.isVirtual && entry.origin != .person ? .policy : nil
    }

    /// Notes whether the VM is in the frame, and tells whether it has been out of it for so long that it is gone.
    private func isGone(_ entry: inout LadderEntry, frame: Frame) -> Bool {
        guard frame.slot(of: entry.vm) == nil else {
            entry.absentSince = nil
            return false
        }
        let absent = entry.absentSince ?? frame.time
        entry.absentSince = absent
        return frame.time.seconds(since: absent) >= Self.goneAfter
    }

    /// Ends a suspension that has lasted as long as it may, whoever is hurt and whatever job the VM is under; `nil` where
    /// there is none.
    private mutating func wakeUp(_ entry: inout LadderEntry, at now: MonotonicTime) -> Step? {
        guard
            !entry.isVirtual, let since = entry.suspendedSince,
            now.seconds(since: since) >= entry.plan.suspendFor
        else { return nil }
        if let step = entry.rungs.beforeSuspension { return rise(&entry, to: step, at: now) }
        // It would be suspended again at once: it is left alone for as long as this hold might have lasted.
        standOff.leave(entry.vm, at: now, seconds: entry.expires.seconds(since: now))
        return .ask(Self.release(&entry, .expired, at: now))
    }

    /// Lets a hold up from a step that the limits or the policy no longer leave it; `nil` where they do.
    private func comeUp(_ entry: inout LadderEntry, at now: MonotonicTime) -> Step? {
        if entry.isVirtual { return nil }
        if entry.isCrowdedOut, entry.step >= .quarantine {
            guard let step = entry.rungs.lastThrottle else { return .ask(Self.release(&entry, .policy, at: now)) }
            return rise(&entry, to: step, at: now)
        }
        // What another host allowed is not taken back at once.
        guard entry.origin == .ladder else { return nil }
        guard let last = entry.rungs.steps.last else { return .ask(Self.release(&entry, .policy, at: now)) }
        return entry.rung.isStricter(than: last) ? rise(&entry, to: last, at: now) : nil
    }

    /// Asks for a milder step that must come, again and again where it fails.
    private func rise(_ entry: inout LadderEntry, to step: HoldStep, at now: MonotonicTime) -> Step {
        guard now >= entry.againAt else { return .wait }
        entry.calmSince = nil
        return change(&entry, to: .init(step: step, phase: .inForce), at: now)
    }

    /// Brings an entry's victims up to date: new ones that blame it, those that are gone, and since when all are calm.
    private func follow(_ entry: inout LadderEntry, tick: LadderTick, frame: Frame) {
        let now = frame.time
        var isCalm = true
        for complaint in tick.complaints where complaint.contention == entry.contention {
            let victim = complaint.victim.identity
            let isFollowed = entry.victims.contains { $0.vm == victim }
            if isFollowed { isCalm = false }
            guard
                !isFollowed, complaint.mayAct, complaint.culprit == entry.vm, victim != entry.vm,
                !isAcquitted(entry.key, of: victim, at: now)
            else { continue }
            entry.victims.append(Self.heldFor(complaint))
            isCalm = false
        }
        if entry.victims.contains(where: { frame.slot(of: $0.vm) == nil }) {
            entry.victims.removeAll { frame.slot(of: $0.vm) == nil }
        }
        if let first = entry.victims.first, first.vm != entry.lastVictim?.vm { entry.lastVictim = first }
        for index in entry.victims.indices where !entry.victims[index].isCalm(in: frame) { isCalm = false }
        entry.calmSince = isCalm ? entry.calmSince ?? now : nil
    }

    /// Orders a step for what is left of the lease.
    func change(_ entry: inout LadderEntry, to change: LadderEntry.Change, at now: MonotonicTime) -> Step {
        entry.change = change
        entry.askedAt = now
        let term = entry.expires.seconds(since: now)
        return .ask(.hold(entry.order(change.step, term: term, policy: policy)))
    }
}
