public import Signals

extension Ladder {
    /// Learns what became of an intent.
    ///
    /// A lease that the ladder did not ask for, or gave up waiting for, is followed like its own; a person's, or one
    /// that came with a VM from another host, in the way that its order says.
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
            entries.removeAll { $0.key == key && $0.origin != .person }
        case .released(let key, name: _, lease: _, let reason):
            // A person who lets a VM go does not want it held again at the next tick.
            if reason == .operatorRequest { leaveAlone(key, at: now) }
            released(key, reason)
        case .handedOver(let key, name: _, lease: _, found: _):
            leaveAlone(key, at: now)
            entries.removeAll { $0.key == key }
        case .failed(let key, name: _, _):
            failed(key, at: now)
        }
    }

    /// A hold began, or was told in dry run.
    private mutating func began(_ order: HoldOrder, isVirtual: Bool, at now: MonotonicTime) {
        standOff.worked(order.key)
        guard let index = entries.firstIndex(where: { $0.key == order.key }) else {
            entries.append(unasked(order, isVirtual: isVirtual, at: now))
            mustTrim = true
            return
        }
        if takesOver(order, index, at: now) { return }
        // An answer that comes after the release was asked for changes nothing: the release follows it.
        if entries[index].answersLate(order) { return }
        entries[index].isVirtual = isVirtual
        if entries[index].phase == .requested {
            entries[index].expires = now.later(bySeconds: order.term)
            entries[index].apply(order.step, as: entries[index].rung, phase: .inForce, at: now)
        } else {
            entries[index].apply(order.step, as: order.step, phase: .inForce, at: now)
        }
    }

    /// A step was changed, or one that was reset was set again.
    private mutating func adjusted(_ order: HoldOrder, at now: MonotonicTime) {
        standOff.worked(order.key)
        guard let index = entries.firstIndex(where: { $0.key == order.key }) else {
            began(order, isVirtual: false, at: now)
            return
        }
        if takesOver(order, index, at: now) { return }
        if entries[index].answersLate(order) { return }
        let entry = entries[index]
        if let change = entry.change, order.step != entry.step || change.step == entry.step {
            entries[index].apply(order.step, as: change.step, phase: change.phase, at: now)
        } else if entry.phase == .requested {
            entries[index].apply(order.step, as: entry.rung, phase: .inForce, at: now)
        } else if order.step == entry.step {
            // The step that is in force, set again.
            entries[index].stepSince = now
        } else {
            entries[index].apply(order.step, as: order.step, phase: entry.phase, at: now)
            mustTrim = true
        }
    }

    /// Follows an order of somebody else than whoever the hold was of, such as a person's over the ladder's own.
    private mutating func takesOver(_ order: HoldOrder, _ index: Int, at now: MonotonicTime) -> Bool {
        let isPersons = order.origin == .person
        guard isPersons || entries[index].origin != order.origin else { return false }
        let wasSuspended = entries[index].wasSuspended
        entries[index] = unasked(order, isVirtual: false, at: now)
        entries[index].wasSuspended = wasSuspended || order.step == .suspend
        mustTrim = true
        return true
    }

    /// A hold is over; an order that is out has an answer of its own to come, and what comes of it is let go at once.
    private mutating func released(_ key: HoldKey, _ reason: ReleaseReason) {
        guard let index = entries.firstIndex(where: { $0.key == key && $0.phase != .requested }) else { return }
        guard let step = entries[index].change?.step ?? entries[index].unanswered else {
            entries.remove(at: index)
            return
        }
        entries[index].phase = .requested
        (entries[index].step, entries[index].rung) = (step, step)
        (entries[index].change, entries[index].unanswered) = (nil, nil)
        entries[index].suspendedSince = nil
        entries[index].mustEnd = reason
    }

    /// It could not be done.
    private mutating func failed(_ key: HoldKey, at now: MonotonicTime) {
        guard let index = entries.firstIndex(where: { $0.key == key }) else { return }
        switch entries[index].phase {
        case .requested:
            entries.remove(at: index)
            standOff.failed(key, at: now)
        case .inForce, .raising:
            guard entries[index].origin != .person else { return }
            // What must come up is tried again sooner than what may go down.
            if let change = entries[index].change, change.step < entries[index].step {
                entries[index].retryLater(at: now)
            }
            entries[index].change = nil
            standOff.failed(key, at: now)
        case .releasing:
            // The enforcer's own expiry does not wait for this.
            entries[index].unanswered = nil
            entries[index].retryLater(at: now)
        }
    }

    /// Leaves a VM that a person took in hand alone for as long as an acquitted one.
    private mutating func leaveAlone(_ key: HoldKey, at now: MonotonicTime) {
        let seconds = entries.first { $0.key == key }?.plan.acquittal ?? LadderPlan(name: "").acquittal
        standOff.leave(key.vm, at: now, seconds: seconds)
    }

    /// An entry for a lease that the ladder has no entry of.
    private func unasked(_ order: HoldOrder, isVirtual: Bool, at now: MonotonicTime) -> LadderEntry {
        let rule = policy.rules.first { $0.name == order.rule }
        let plan = plan(ofRule: order.rule, order.contention, origin: order.origin)
        let step = order.step.sound ?? .throttle(1)
        let victim = order.victim.map { victim in
            HeldFor(
                vm: victim,
                name: order.victimName,
                rule: order.rule,
                signal: rule?.signal ?? .cpuRunDelay,
                lowerIsWorse: rule?.below != nil,
                // What it was at onset is not known, so nothing is counted as an improvement on it.
                onset: rule?.below == nil ? -.infinity : .infinity
            )
        }
        var entry = LadderEntry(
            key: order.key,
            name: order.name,
            vcpus: max(1, order.vcpus),
            use: order.use,
            origin: order.origin,
            rule: order.rule,
            plan: plan ?? LadderPlan(name: ""),
            // Whom another host or a person holds it for is not to be judged by what is seen here.
            victims: order.origin == .ladder ? victim.map { [$0] } ?? [] : [],
            lastVictim: victim,
            phase: .inForce,
            rung: step,
            step: step,
            expires: now.later(bySeconds: order.term),
            askedAt: now,
            stepSince: now
        )
        entry.apply(step, as: step, phase: .inForce, at: now)
        entry.isVirtual = isVirtual
        entry.mustEnd = plan == nil ? .policy : nil
        return entry
    }
}

extension LadderEntry {
    /// Follows a step that is in force.
    ///
    /// - Parameters:
    ///   - told: The step as it was told.
    ///   - ordered: The step as it was ordered, of which what was told may differ by rounding.
    ///   - phase: The phase that follows.
    ///   - now: The moment.
    mutating func apply(_ told: HoldStep, as ordered: HoldStep, phase: LadderHold.Phase, at now: MonotonicTime) {
        step = told.sound ?? .throttle(1)
        rung = ordered.sound ?? step
        self.phase = phase
        change = nil
        unanswered = nil
        stepSince = now
        againAt = now
        retry = 1
        if step < .quarantine { isCrowdedOut = false }
        if step == .suspend {
            suspendedSince = suspendedSince ?? now
            wasSuspended = true
        } else {
            suspendedSince = nil
        }
    }

    /// Notes an answer that comes while it is being let go.
    ///
    /// - Parameter order: What is in force.
    /// - Returns: Whether it is being let go.
    fileprivate mutating func answersLate(_ order: HoldOrder) -> Bool {
        guard phase == .releasing else { return false }
        step = order.step.sound ?? step
        unanswered = nil
        return true
    }

    /// Puts the next try off, for twice as long each time.
    mutating func retryLater(at now: MonotonicTime) {
        againAt = now.advanced(bySeconds: retry)
        retry = min(Ladder.answerWithin, retry * 2)
    }
}
