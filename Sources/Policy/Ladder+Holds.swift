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
    /// What ends a hold comes first and waits for nothing: the end of the lease, then the policy, then a VM that is
    /// gone. Steps come after, and only for a VM that may be acted on and has no order open.
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
            guard now.seconds(since: entry.askedAt) >= Self.answerWithin else { return .wait }
            standOff.failed(entry.vm, at: now)
            return .drop
        case .releasing:
            guard now >= entry.releaseAgainAt else { return .wait }
            return .ask(Self.release(&entry, entry.releaseReason ?? .expired, at: now))
        case .inForce, .raising:
            break
        }
        if now >= entry.expires { return .ask(Self.release(&entry, .expired, at: now)) }
        if entry.isRevoked || (policy.mode == .dryRun && !entry.isVirtual) {
            return .ask(Self.release(&entry, .policy, at: now))
        }
        guard let slot = frame.slot(of: entry.vm), let record = frame.recordIfAny(slot) else {
            let absent = entry.absentSince ?? now
            entry.absentSince = absent
            Self.restartClocks(&entry, at: now)
            guard now.seconds(since: absent) >= Self.goneAfter else { return .wait }
            return .ask(Self.release(&entry, .gone, at: now))
        }
        entry.absentSince = nil
        entry.vcpus = record.vcpus
        if policy.protects(record) { return .ask(Self.release(&entry, .policy, at: now)) }
        follow(&entry, tick: tick, frame: frame)
        if entry.change != nil {
            guard now.seconds(since: entry.askedAt) >= Self.answerWithin else { return .wait }
            entry.change = nil
            standOff.failed(entry.vm, at: now)
        }
        guard Self.mayBeActedOn(record) else {
            Self.restartClocks(&entry, at: now)
            return .wait
        }
        if entry.isVirtual {
            let calm = entry.calmSince.map { now.seconds(since: $0) >= entry.plan.calm } ?? false
            return calm ? .ask(Self.release(&entry, .calm, at: now)) : .wait
        }
        let hurt = tick.complaints.filter { complaint in
            complaint.mayAct && complaint.plan.contention == entry.plan.contention
                && entry.victims.contains { $0.vm == complaint.victim.identity }
        }
        judgeVictims(&entry, hurt: hurt, frame: frame)
        if !hurt.isEmpty { return goDown(&entry, hurt: hurt, tick: tick, frame: frame) }
        return goUp(&entry, slot: slot, frame: frame)
    }

    /// Brings an entry's victims up to date: new ones that blame it, those that are gone, and since when all are calm.
    private func follow(_ entry: inout LadderEntry, tick: LadderTick, frame: Frame) {
        let now = frame.time
        let complaints = tick.complaints.filter { $0.plan.contention == entry.plan.contention }
        for complaint in complaints
        where complaint.mayAct && complaint.culprit == entry.vm && complaint.victim.identity != entry.vm {
            let victim = complaint.victim.identity
            if entry.victims.contains(where: { $0.vm == victim }) || isAcquitted(entry.vm, of: victim, at: now) {
                continue
            }
            entry.victims.append(Self.heldFor(complaint))
        }
        entry.victims.removeAll { frame.slot(of: $0.vm) == nil }
        if let first = entry.victims.first { entry.lastVictim = first }
        let calm = entry.victims.allSatisfy { victim in
            guard !complaints.contains(where: { $0.victim.identity == victim.vm }) else { return false }
            guard let slot = frame.slot(of: victim.vm), let record = frame.recordIfAny(slot) else { return true }
            return !record.running || frame[slot, victim.signal].quality == .ok
        }
        entry.calmSince = calm ? entry.calmSince ?? now : nil
    }

    /// Lets every clock that judges the cap in force begin anew.
    static func restartClocks(_ entry: inout LadderEntry, at now: MonotonicTime) {
        entry.capSince = now
        entry.calmSince = nil
        for index in entry.victims.indices { entry.victims[index].unmovedSince = nil }
    }

    /// Orders a cap for what is left of the lease.
    func change(_ entry: inout LadderEntry, to change: LadderEntry.Change, at now: MonotonicTime) -> Step {
        entry.change = change
        entry.askedAt = now
        return .ask(.hold(Self.order(entry, cap: change.cap, term: entry.expires.seconds(since: now))))
    }
}
