import Signals

extension Attributor {
    /// What became of a victim's case.
    struct Trial {
        /// What was looked at.
        var resource: Resource
        /// Everybody looked at, those who passed first, then by score, share and row.
        var candidates: [Candidate] = []
        /// The answer.
        var outcome = Finding.Outcome.nobody
        /// How sure it is.
        var confidence = 0.0
    }

    /// How the use of all VMs where a victim lies moved with its suffering.
    struct Movement {
        /// What those use more who use more.
        var rise = 0.0
        /// The same less what those use less who use less.
        var net = 0.0
        /// What all use while the victim is not hurt.
        var calm = 0.0

        /// Takes one VM out of it.
        mutating func leaveOut(_ evidence: Evidence?) {
            guard let rise = evidence?.rise, let calm = evidence?.calm else { return }
            self.rise -= max(0, rise)
            net -= rise
            self.calm -= max(0, calm)
        }
    }

    /// Looks at everybody and finds who is to blame.
    mutating func hear(_ victim: Victim, frame: Frame, arena: Arena) -> Trial {
        var suspects = arena.suspects
        var excesses = 0.0
        for index in suspects.indices {
            suspects[index].acquitted = isAcquitted(
                suspects[index].identity,
                of: victim.record.identity,
                over: arena.resource.contention
            )
            guard suspects[index].row != victim.row, !suspects[index].acquitted else { continue }
            excesses += max(0, suspects[index].candidate.excess)
        }
        var movement: Movement?
        for index in suspects.indices {
            // No more than a few VMs can have so large a share: that bounds the work.
            guard suspects[index].candidate.share >= tuning.share else { break }
            if arena.resource.hitsAll, suspects[index].row != victim.row, !isHit(suspects[index], victim) {
                suspects[index].candidate.rejection = .elsewhere
            }
            guard suspects[index].candidate.rejection != .elsewhere else { continue }
            grade(&suspects[index], victim: victim, excesses: excesses, arena: arena)
            guard suspects[index].candidate.rejection == nil, !suspects[index].shown else { continue }
            // Only now is it worth asking what everybody uses more.
            let all = movement ?? self.movement(suspects, victim: victim, arena: arena)
            movement = all
            if suspects[index].evidence?.rise ?? 0 < tuning.shareOfRise * all.rise {
                suspects[index].candidate.rejection = .smallShare
            }
        }
        if let movement { dropThoseWhoRoseWithAll(&suspects, movement, victim: victim, arena: arena) }
        if arena.isCrowded {
            join(&suspects, movement: &movement, excesses: excesses, victim: victim, frame: frame, arena: arena)
        }
        let isCrowded = arena.isCrowded && isMoreUsed(suspects, &movement, victim: victim, arena: arena)
        // What rises only because all are hurt passes too at times, but never comes near the culprit.
        let best = suspects.filter { $0.candidate.rejection == nil }.map(\.candidate.score).max() ?? 0
        for suspect in suspects where isCrowded && suspect.candidate.rejection == nil && !suspect.shown {
            if suspect.candidate.score >= tuning.near * best { keep(suspect, victim: victim, arena: arena) }
        }
        return judge(suspects, victim: victim, frame: frame, arena: arena, isCrowded: isCrowded)
    }

    /// Rejects suspects whose part of the rise is in proportion to what they used before: who rose as everybody did.
    private func dropThoseWhoRoseWithAll(
        _ suspects: inout [Suspect],
        _ movement: Movement,
        victim: Victim,
        arena: Arena
    ) {
        // Those held or shown before are known; what they do is no part of anything new.
        var (rest, joint) = (movement, Evidence())
        (joint.rise, joint.calm) = (0, 0)
        for suspect in suspects {
            let isKnown = placeShown(suspect.identity, arena.resource.use, victim: victim.row) != nil || suspect.held
            let isNew = suspect.candidate.rejection == nil && !suspect.shown
            guard isNew || isKnown && !suspect.acquitted else { continue }
            let evidence = suspect.evidence ?? evidence(suspect.row, victim: victim, arena: arena)
            rest.leaveOut(evidence)
            guard isNew else { continue }
            joint.rise = (joint.rise ?? 0) + (evidence.rise ?? 0)
            joint.calm = (joint.calm ?? 0) + max(0, evidence.calm ?? 0)
        }
        // Several who rose most may be no more than the largest of all who rose.
        let isJoint = outgrew(joint, rest) && joint.rise ?? 0 >= arena.resource.gain * max(0, rest.rise - rest.net)
        for index in suspects.indices where suspects[index].candidate.rejection == nil && !suspects[index].shown {
            if !isJoint || !outgrew(suspects[index].evidence, rest) || !isDoingMore(suspects[index], victim, arena) {
                suspects[index].candidate.rejection = .smallShare
            }
        }
    }

    /// Whether a suspect for holding cache also does more that brings it there.
    ///
    /// A cache is always full: that one holds more of it may only mean that all ask for more, and others less so. And the
    /// victim must have lost some of it.
    private func isDoingMore(_ suspect: Suspect, _ victim: Victim, _ arena: Arena) -> Bool {
        guard arena.resource.use == .occupancy else { return true }
        let lost = evidence(victim.row, victim: victim, arena: arena)
        guard let fall = lost.rise, let before = lost.calm, fall <= -tuning.cacheLost * before else { return false }
        for use in [Use.bandwidth, .misses] {
            guard let column = layout.column(use), present(suspect.row, column) != nil else { continue }
            let all = movement([], victim: victim, arena: arena, column: column)
            let own = evidence(suspect.row, victim: victim, arena: arena, column: column)
            guard let rise = own.rise, let calm = own.calm, all.rise > 0, all.calm > 0 else { return true }
            let proportion = min(tuning.wholeRise, tuning.outgrowth * max(0, calm) / all.calm)
            return rise >= max(tuning.shareOfRise, proportion) * all.rise
        }
        return true
    }

    /// Whether nobody new can be shown to hurt a victim by the use at hand.
    ///
    /// A use that also rises because all are hurt shows nobody just after one who was shown before has stopped: the others
    /// fetch back what they lost.
    func isBlind(_ victim: Victim, _ arena: Arena) -> Bool {
        victim.isBlind || (victim.isAfterBurst && !arena.resource.ownTold)
    }

    /// Whether a suspect loses cache while the victim is hurt, as those do who are hurt with it.
    func isLosingCache(_ suspect: Suspect, _ victim: Victim, _ arena: Arena) -> Bool {
        guard let column = layout.column(.occupancy) else { return false }
        return evidence(suspect.row, victim: victim, arena: arena, column: column).rise ?? 0 < 0
    }

    /// Whether the part of a rise that is one's is out of proportion to the part that one used before.
    ///
    /// - Parameters:
    ///   - evidence: How its use moved.
    ///   - rest: How that of the VMs moved that are not suspected.
    /// - Returns: Whether it is; `true` where nothing is known of what was before.
    func outgrew(_ evidence: Evidence?, _ rest: Movement) -> Bool {
        guard let rise = evidence?.rise, let calm = evidence?.calm else { return true }
        let (allRise, allCalm) = (rise + max(0, rest.rise), max(0, calm) + max(0, rest.calm))
        guard allRise > 0, allCalm > 0 else { return true }
        let proportion = min(tuning.wholeRise, tuning.outgrowth * max(0, calm) / allCalm)
        return rise / allRise >= max(tuning.mostOfRise, proportion)
    }

    /// Whether VMs use more of a resource while the victim is hurt; asked only where that decides something.
    private func isMoreUsed(_ suspects: [Suspect], _ movement: inout Movement?, victim: Victim, arena: Arena) -> Bool {
        if arena.resource.moreUse == 0 || !suspects.contains(where: { $0.candidate.rejection == nil }) { return true }
        // What was shown once stays so: after a while the window knows no other time.
        if suspects.contains(where: { $0.shown && $0.candidate.rejection == nil }) { return true }
        let all = movement ?? self.movement(suspects, victim: victim, arena: arena)
        movement = all
        // Memory that is swapped out of one VM for another may not be seen to go.
        let more = arena.resource.use == .memory ? all.rise : all.net
        return more > 0 && more >= arena.resource.moreUse * all.calm
    }

    /// Whether a suspect suffers when the victim does.
    private func isHit(_ suspect: Suspect, _ victim: Victim) -> Bool {
        let both = Evidence(
            use: window(suspect.row, victim.column),
            suffering: window(victim.row, victim.column),
            hurtFrom: victim.verdict.threshold,
            calmUpTo: victim.calm
        )
        return both.correlation ?? 0 >= tuning.correlation
    }

    /// How the use of all VMs in an arena moved, without that of those that are acquitted.
    func movement(_ suspects: [Suspect], victim: Victim, arena: Arena, column: Int? = nil) -> Movement {
        var all = Movement()
        for row in arena.members.indices where arena.members[row].part > 0 {
            let evidence = evidence(row, victim: victim, arena: arena, column: column)
            guard let rise = evidence.rise, let calm = evidence.calm else { continue }
            all.net += rise
            all.calm += max(0, calm)
            all.rise += max(0, rise)
        }
        if arena.partOfHost > 0, column == nil, let rise = hostRise(victim) {
            all.rise += max(0, rise) * arena.partOfHost
            all.net += rise * arena.partOfHost
        }
        for suspect in suspects where suspect.acquitted && suspect.row != victim.row {
            all.leaveOut(evidence(suspect.row, victim: victim, arena: arena))
        }
        return all
    }

    /// How many cores more the host's own processes use while a victim is hurt; `nil` where it is not known.
    private func hostRise(_ victim: Victim) -> Double? {
        let own = Evidence(
            use: hostRing[...],
            suffering: window(victim.row, victim.column),
            hurtFrom: victim.verdict.threshold,
            calmUpTo: victim.calm
        )
        return own.rise
    }

    /// How that part of the use of the VM in a row that falls where the victim lies moved with its suffering.
    func evidence(_ row: Int, victim: Victim, arena: Arena, column: Int? = nil) -> Evidence {
        var evidence = Evidence(
            use: window(row, column ?? arena.column),
            suffering: window(victim.row, victim.column),
            hurtFrom: victim.verdict.threshold,
            calmUpTo: victim.calm
        )
        let part = arena.members[row].part
        evidence.rise = evidence.rise.map { $0 * part }
        evidence.calm = evidence.calm.map { $0 * part }
        // Of memory the rings hold what was taken; what was held before goes with it.
        if arena.resource.use == .memory, floors[row].isFinite {
            evidence.calm = evidence.calm.map { $0 + Double(floors[row]) }
        }
        return evidence
    }

    /// Gives a suspect its evidence, its score, and the first test that it fails, but for its share of the rise.
    private func grade(_ suspect: inout Suspect, victim: Victim, excesses: Double, arena: Arena) {
        let row = suspect.row
        let evidence = evidence(row, victim: victim, arena: arena)
        suspect.evidence = evidence
        suspect.candidate.correlation = evidence.correlation
        if let place = placeShown(suspect.identity, arena.resource.use, victim: victim.row), let entry = shown[place],
            let amount = present(row, arena.column),
            suspect.held || amount >= tuning.still * entry.amount
        {
            suspect.shown = true
            suspect.candidate.correlation = max(entry.correlation, evidence.correlation ?? -1)
        }
        let candidate = suspect.candidate
        // The victim itself is no part of the others' excess, so its own is held against theirs and its.
        let allExcess = excesses + (row == victim.row || suspect.acquitted ? max(0, candidate.excess) : 0)
        let excessShare = allExcess > 0 ? max(0, candidate.excess) / allExcess : 0
        suspect.candidate.score = max(0, candidate.correlation ?? 0) * (candidate.share + excessShare) / 2
        guard candidate.rejection == nil else { return }
        suspect.candidate.rejection = rejection(of: suspect, evidence: evidence, victim: victim, arena: arena)
        if suspect.acquitted, suspect.candidate.rejection == nil {
            suspect.candidate.rejection = .acquitted
            suspect.candidate.score *= tuning.acquittedPart
        }
    }

    /// The first test of movement that a suspect fails, in the order that ``Attributor`` states.
    private func rejection(
        of suspect: Suspect,
        evidence: Evidence,
        victim: Victim,
        arena: Arena
    ) -> Candidate.Rejection? {
        // Who is hurt brings in more from memory too; it shows when the suffering ebbs, and by the cache it loses.
        if !arena.resource.ownTold, suspect.row != victim.row {
            if !victim.isBeyond { return .uncorrelated }
            if isLosingCache(suspect, victim, arena) { return .alsoHurt }
        }
        if suspect.shown { return nil }
        // What has begun to ebb shows nobody new, nor does a time in which who was shown before cannot be read.
        if !victim.isBeyond { return .uncorrelated }
        if isBlind(victim, arena) { return .tooFewReadings }
        guard evidence.pairs >= tuning.pairs, evidence.hurt >= tuning.hurtTicks,
            evidence.calmTicks >= tuning.calmTicks
        else { return .tooFewReadings }
        let rise = evidence.rise ?? 0
        if hurt[suspect.row] & Self.bit(victim.verdict.signal) != 0 && rise <= 0 { return .alsoHurt }
        let needed = victim.isLate ? tuning.lateCorrelation : tuning.correlation
        guard let correlation = evidence.correlation, correlation >= needed,
            rise >= tuning.rise * (suspect.use ?? .infinity)
        else { return .uncorrelated }
        return nil
    }

    /// Remembers a suspect that passed all tests.
    private mutating func keep(_ suspect: Suspect, victim: Victim, arena: Arena) {
        guard suspect.candidate.together.isEmpty, let correlation = suspect.evidence?.correlation,
            let amount = present(suspect.row, arena.column)
        else { return }
        let entry = Shown(
            identity: suspect.identity,
            use: arena.resource.use,
            correlation: correlation,
            amount: amount,
            lastHurt: tick
        )
        rememberShown(entry, victim: victim.row)
    }

    /// Ranks the suspects and names the culprit, if there is one.
    private func judge(
        _ suspects: [Suspect],
        victim: Victim,
        frame: Frame,
        arena: Arena,
        isCrowded: Bool
    ) -> Trial {
        let resource = arena.resource
        var trial = Trial(resource: resource)
        let own = suspects.first { $0.row == victim.row }?.candidate
        trial.candidates = suspects.map(\.candidate).filter { $0.slot.index != victim.row }
        trial.candidates.sort { left, right in
            if (left.rejection == nil) != (right.rejection == nil) { return left.rejection == nil }
            if left.score != right.score { return left.score > right.score }
            return left.share != right.share ? left.share > right.share : left.slot < right.slot
        }
        let passed = isCrowded ? trial.candidates.prefix { $0.rejection == nil }.count : 0
        let first = passed > 0 ? trial.candidates[0] : nil
        let second = passed > 1 ? trial.candidates[1].score : 0
        for index in trial.candidates.indices where trial.candidates[index].rejection == nil {
            if index > 0 || first == nil {
                trial.candidates[index].rejection = first == nil ? .withinEntitlement : .outranked
            }
        }
        let ownCulprit = isCrowded && own.map { $0.rejection == nil && $0.score >= (first?.score ?? 0) } ?? false
        let sure = min(victim.verdict.confidence, 1) * resource.ceiling
        if ownCulprit || overreaches(victim, frame: frame, arena: arena) {
            // Where its own use also rises because it is hurt, that it rises most says nothing.
            trial.outcome = resource.ownTold ? .selfInflicted(.ownDemand) : .nobody
            trial.confidence = resource.ownTold ? sure : 0
            if first != nil { trial.candidates[0].rejection = .outranked }
        } else if let first {
            trial.outcome = .blamed(first.slot)
            let lead = first.score > 0 ? 1 - second / (2 * first.score) : 0
            trial.confidence = sure * min(1, max(0, first.correlation ?? 0)) * lead
        } else {
            let best = trial.candidates.map(\.score).max() ?? 0
            trial.confidence = sure * max(0, 1 - best)
        }
        return trial
    }
}
