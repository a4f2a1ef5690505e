internal import Signals

extension Ladder {
    /// Asks for a new hold where a complaint, the policy and its limits allow it.
    ///
    /// - Parameters:
    ///   - complaint: Who is hurt and by whom.
    ///   - tick: All that was found in this tick.
    ///   - frame: The frame.
    /// - Returns: The order, or `nil`.
    mutating func request(_ complaint: Complaint, tick: LadderTick, frame: Frame) -> Intent? {
        let now = frame.time
        guard
            complaint.mayAct, let slot = complaint.culpritSlot, let culprit = frame.recordIfAny(slot),
            culprit.identity != complaint.victim.identity,
            !entries.contains(where: { $0.vm == culprit.identity }),
            Self.mayBeActedOn(culprit), frame[slot, .cpuUsage].quality == .ok,
            !policy.protects(culprit),
            !tick.isHurtByMore(culprit.identity, than: complaint.excess),
            !isAcquitted(culprit.identity, of: complaint.victim.identity, at: now),
            standOff.allows(culprit.identity, at: now),
            let cap = complaint.plan.cap(at: 0), complaint.plan.lease > 0,
            fitsLimits(vcpus: culprit.vcpus, beside: entries, frame: frame),
            actions.admits(at: now, limit: policy.limits.actionsPerMinute)
        else { return nil }

        actions.count(at: now)
        let victim = Self.heldFor(complaint)
        let entry = LadderEntry(
            vm: culprit.identity,
            name: culprit.name,
            vcpus: culprit.vcpus,
            rule: complaint.rule.name,
            plan: complaint.plan,
            victims: [victim],
            phase: .requested,
            step: 0,
            cap: cap,
            expires: now.later(bySeconds: complaint.plan.lease),
            askedAt: now,
            capSince: now,
            lastVictim: victim
        )
        entries.append(entry)
        return .hold(Self.order(entry, cap: cap, term: complaint.plan.lease))
    }

    /// Whether a VM is in a state in which new action may be taken: running, and under no migration, backup or save.
    static func mayBeActedOn(_ record: VMRecord) -> Bool {
        record.running && record.activity.isDisjoint(with: [.migration, .backup, .save])
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

    /// The order that sets a VM's cap.
    static func order(_ entry: LadderEntry, cap: Double, term: Double) -> HoldOrder {
        let victim = entry.victims.first ?? entry.lastVictim
        return HoldOrder(
            vm: entry.vm,
            name: entry.name,
            vcpus: entry.vcpus,
            contention: entry.plan.contention,
            step: .throttle(cap),
            term: term,
            rule: entry.rule,
            victim: victim.vm,
            victimName: victim.name
        )
    }
}
