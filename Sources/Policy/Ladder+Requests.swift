internal import Signals

extension Ladder {
    /// What a complaint comes to.
    enum Answer {
        /// There is nobody to hold, or the one to blame is held for it.
        case none
        /// A new hold.
        case order(HoldOrder)
        /// Nothing may be done, and why.
        case refused(Refusal)
    }

    /// Asks for a new hold where a complaint, the policy and its limits allow it.
    ///
    /// - Parameters:
    ///   - complaint: Who is hurt and by whom.
    ///   - tick: All that was found in this tick.
    ///   - frame: The frame.
    /// - Returns: The order, or why there is none.
    mutating func request(_ complaint: Complaint, tick: LadderTick, frame: Frame) -> Answer {
        guard
            let slot = complaint.culpritSlot, let culprit = frame.recordIfAny(slot),
            culprit.identity != complaint.victim.identity
        else { return .none }
        let key = HoldKey(culprit.identity, complaint.contention)
        if let entry = entries.first(where: { $0.key == key }) {
            return reasonBeside(entry, complaint, at: frame.time)
                .map { .refused(complaint.refusal(of: culprit.identity, $0)) } ?? .none
        }
        let rungs = LadderRungs(complaint.plan, workloadClass: culprit.workloadClass)
        let use = HoldUse(of: slot, in: frame)
        if let reason = reason(against: complaint, culprit, slot: slot, tick: tick, frame: frame)
            ?? reason(againstStepOf: complaint, culprit, rungs: rungs, use: use, frame: frame)
        {
            return .refused(complaint.refusal(of: culprit.identity, reason))
        }
        guard let step = rungs.start else { return .none }
        actions.count(at: frame.time)
        let victim = Self.heldFor(complaint)
        var entry = LadderEntry(
            key: key,
            name: culprit.name,
            vcpus: culprit.vcpus,
            use: use,
            rule: complaint.rule.name,
            plan: complaint.plan,
            victims: [victim],
            lastVictim: victim,
            phase: .requested,
            rung: step,
            step: step,
            expires: frame.time.later(bySeconds: complaint.plan.lease),
            askedAt: frame.time,
            stepSince: frame.time
        )
        entry.takeRungs(for: culprit.workloadClass)
        entries.append(entry)
        return .order(entry.order(step, term: complaint.plan.lease, policy: policy))
    }

    /// Why a hold that there is does not answer a complaint; `nil` where it does.
    private func reasonBeside(_ entry: LadderEntry, _ complaint: Complaint, at now: MonotonicTime) -> String? {
        switch entry.phase {
        case .requested: return nil
        case .releasing: return "being let go"
        case .inForce, .raising: break
        }
        if entry.origin == .person { return "held by a person already" }
        if entry.victims.contains(where: { $0.vm == complaint.victim.identity }) { return nil }
        if isAcquitted(entry.key, of: complaint.victim.identity, at: now) {
            return Candidate.Rejection.acquitted.rawValue
        }
        return complaint.obstacle
    }

    /// Why nothing may be done about a culprit, whatever the step; `nil` where something may.
    private func reason(
        against complaint: Complaint,
        _ culprit: VMRecord,
        slot: VMSlot,
        tick: LadderTick,
        frame: Frame
    ) -> String? {
        if tick.circumstances.isDisarmed { return "the kill switch is thrown" }
        if let obstacle = complaint.obstacle { return obstacle }
        if policy.protects(culprit) { return "protected by the policy" }
        if let reason = closedReason(for: culprit, tick: tick) { return reason }
        if !Self.mayBeActedOn(culprit) { return Candidate.Rejection.busyWithJob.rawValue }
        if frame[slot, .cpuUsage].quality != .ok { return "not read in this tick" }
        if tick.isHurtByMore(culprit.identity, over: complaint.contention, than: complaint.excess) {
            return "is hurt itself by one that takes as much"
        }
        let key = HoldKey(culprit.identity, complaint.contention)
        if isAcquitted(key, of: complaint.victim.identity, at: frame.time) {
            return Candidate.Rejection.acquitted.rawValue
        }
        if !standOff.allows(key, at: frame.time) {
            return "left alone for a while, since an action on it failed or a person took it in hand"
        }
        return nil
    }

    /// Why the first step may not be taken; `nil` where it may.
    private mutating func reason(
        againstStepOf complaint: Complaint,
        _ culprit: VMRecord,
        rungs: LadderRungs,
        use: HoldUse,
        frame: Frame
    ) -> String? {
        guard let step = rungs.start, complaint.plan.lease > 0 else {
            return complaint.plan.ceilings[culprit.workloadClass].map { "its class is held no further than \($0)" }
                ?? "its ladder has no step for it"
        }
        if step.share != nil, !use.canThrottle(complaint.contention) {
            return "what it uses was not read, so there is nothing to throttle it by"
        }
        if let reason = noRoom(for: culprit.identity, vcpus: culprit.vcpus, frame: frame) { return reason }
        if let reason = noRoom(for: culprit.identity, at: step) { return reason }
        if !actions.admits(at: frame.time, limit: policy.limits.actionsPerMinute) { return Self.tooManyActions }
        return nil
    }

    /// Why a window forbids new action on a VM; `nil` where none does.
    func closedReason(for record: VMRecord, tick: LadderTick) -> String? {
        guard let window = policy.openWindow(for: record, wall: tick.circumstances.wall) else { return nil }
        return tick.circumstances.wall == nil
            ? "the hour is not known, and the maintenance window \(window.name) may be open"
            : "the maintenance window \(window.name) is open"
    }

    /// Why an action is put off that the last minute has no room for.
    static let tooManyActions = "no more actions may be taken within a minute"

    /// Whether a VM is in a state in which new action may be taken: running, and under no migration, backup or save.
    static func mayBeActedOn(_ record: VMRecord) -> Bool { record.running && !isUnderJob(record) }

    /// Whether a VM is under a migration, a backup or a save.
    static func isUnderJob(_ record: VMRecord) -> Bool {
        !record.activity.isDisjoint(with: [.migration, .backup, .save])
    }

    /// A victim to be followed from a complaint on.
    static func heldFor(_ complaint: Complaint) -> HeldFor {
        HeldFor(
            vm: complaint.victim.identity,
            name: complaint.victim.name,
            rule: complaint.rule.name,
            signal: complaint.signal,
            lowerIsWorse: complaint.rule.below != nil,
            onset: complaint.value
        )
    }
}
