import Signals

extension Attributor {
    /// What became of a victim's case.
    struct Trial {
        /// Everybody looked at, those who passed first, then by score, share and row.
        var candidates: [Candidate] = []
        /// The answer.
        var outcome = Finding.Outcome.nobody
        /// How sure it is.
        var confidence = 0.0
    }

    /// Looks at everybody and finds who is to blame.
    mutating func hear(_ victim: Victim, frame: Frame, host: HostUse) -> Trial {
        var suspects = host.suspects
        var excesses = 0.0
        for suspect in suspects where suspect.candidate.slot.index != victim.row {
            excesses += max(0, suspect.candidate.excess)
        }
        var rises: Double?
        for index in suspects.indices {
            // No more than a few VMs can have so large a share: that bounds the work.
            guard suspects[index].candidate.share >= tuning.share else { break }
            grade(&suspects[index], victim: victim, excesses: excesses)
            guard suspects[index].candidate.rejection == nil, !suspects[index].shown, host.contended else { continue }
            // Only now is it worth asking what everybody uses more.
            let total = rises ?? rise(of: suspects, victim: victim)
            rises = total
            if suspects[index].evidence?.rise ?? 0 < tuning.shareOfRise * total {
                suspects[index].candidate.rejection = .smallShare
            } else {
                keep(suspects[index], victim: victim)
            }
        }
        return judge(suspects, victim: victim, frame: frame, host: host)
    }

    /// What all suspects that use more while the victim is hurt use more, in cores.
    private func rise(of suspects: [Suspect], victim: Victim) -> Double {
        suspects.reduce(0) { sum, suspect in
            let evidence = suspect.evidence ?? evidence(suspect.candidate.slot.index, victim: victim)
            return sum + max(0, evidence.rise ?? 0)
        }
    }

    /// How the VM in a row moved with the victim's suffering.
    private func evidence(_ row: Int, victim: Victim) -> Evidence {
        Evidence(
            use: window(row, .use),
            suffering: window(victim.row, victim.series),
            threshold: victim.verdict.threshold
        )
    }

    /// Gives a suspect its evidence, its score, and the first test that it fails, but for its share of the rise.
    private func grade(_ suspect: inout Suspect, victim: Victim, excesses: Double) {
        let row = suspect.candidate.slot.index
        let evidence = evidence(row, victim: victim)
        suspect.evidence = evidence
        suspect.candidate.correlation = evidence.correlation
        if let place = placeShown(suspect.identity, victim: victim.row), let entry = shown[place],
            let use = suspect.use,
            suspect.held || use >= tuning.still * entry.use
        {
            suspect.shown = true
            suspect.candidate.correlation = max(entry.correlation, evidence.correlation ?? -1)
        }
        let candidate = suspect.candidate
        // The victim itself is no part of the others' excess, so its own is held against theirs and its.
        let allExcess = excesses + (row == victim.row ? max(0, candidate.excess) : 0)
        let excessShare = allExcess > 0 ? max(0, candidate.excess) / allExcess : 0
        suspect.candidate.score = max(0, candidate.correlation ?? 0) * (candidate.share + excessShare) / 2
        if candidate.rejection == nil { suspect.candidate.rejection = rejection(of: suspect, evidence: evidence) }
    }

    /// The first test of movement that a suspect fails, in the order that ``Attributor`` states.
    private func rejection(of suspect: Suspect, evidence: Evidence) -> Candidate.Rejection? {
        if suspect.shown { return nil }
        guard evidence.pairs >= tuning.pairs, evidence.hurt >= tuning.hurtTicks,
            evidence.pairs - evidence.hurt >= tuning.calmTicks
        else { return .tooFewReadings }
        let rise = evidence.rise ?? 0
        if hurt[suspect.candidate.slot.index] && rise <= 0 { return .alsoHurt }
        guard let correlation = evidence.correlation, correlation >= tuning.correlation,
            rise >= tuning.rise * (suspect.use ?? .infinity)
        else { return .uncorrelated }
        return nil
    }

    /// Remembers a suspect that passed all tests.
    private mutating func keep(_ suspect: Suspect, victim: Victim) {
        guard let correlation = suspect.evidence?.correlation, let use = suspect.use else { return }
        let entry = Shown(identity: suspect.identity, correlation: correlation, use: use)
        if let place = placeShown(suspect.identity, victim: victim.row) {
            shown[place] = entry
        } else {
            rememberShown(entry, victim: victim.row)
        }
    }

    /// Ranks the suspects and names the culprit, if there is one.
    private func judge(_ suspects: [Suspect], victim: Victim, frame: Frame, host: HostUse) -> Trial {
        var trial = Trial()
        let own = suspects.first { $0.candidate.slot.index == victim.row }?.candidate
        trial.candidates = suspects.map(\.candidate).filter { $0.slot.index != victim.row }
        trial.candidates.sort { left, right in
            if (left.rejection == nil) != (right.rejection == nil) { return left.rejection == nil }
            if left.score != right.score { return left.score > right.score }
            return left.share != right.share ? left.share > right.share : left.slot < right.slot
        }
        let passed = host.contended ? trial.candidates.prefix { $0.rejection == nil }.count : 0
        let first = passed > 0 ? trial.candidates[0] : nil
        let second = passed > 1 ? trial.candidates[1].score : 0
        for index in trial.candidates.indices where trial.candidates[index].rejection == nil {
            if index > 0 || first == nil {
                trial.candidates[index].rejection = first == nil ? .withinEntitlement : .outranked
            }
        }
        let ownCulprit = host.contended && own.map { $0.rejection == nil && $0.score >= (first?.score ?? 0) } ?? false
        let sure = victim.verdict.confidence
        if ownCulprit || overreaches(victim, frame: frame, host: host) {
            trial.outcome = .selfInflicted(.ownDemand)
            trial.confidence = sure
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
