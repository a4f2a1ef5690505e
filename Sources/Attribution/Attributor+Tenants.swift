import Signals

extension Attributor {
    /// Puts together what a tenant's VMs do, where each is too small to be blamed by itself.
    ///
    /// Two VMs of one known tenant or more, of which none passes by itself, are tried as one where their use moves with
    /// the suffering: share, excess, movement and share of the rise are those of their sum. And their part of the rise
    /// must be out of proportion to what they are entitled to, or a tenant with half of all VMs would be to blame
    /// for every rise of all. Who rises by less than half of what they do on average is none of them. The largest that
    /// is not held stands for them.
    mutating func join(
        _ suspects: inout [Suspect],
        movement: inout Movement?,
        excesses: Double,
        victim: Victim,
        frame: Frame,
        arena: Arena
    ) {
        guard suspects.count > 2, victim.isBeyond, !isBlind(victim, arena) else { return }
        var groups: [String: [Int]] = [:]
        let records = frame.records
        for index in suspects.indices where isJoinable(suspects[index], victim: victim) {
            guard case .known(let name) = records[suspects[index].row]?.tenant else { continue }
            groups[name, default: []].append(index)
        }
        for (_, members) in groups.sorted(by: { $0.value[0] < $1.value[0] }) where members.count > 1 {
            // A tenant of which one VM is to blame by itself needs no sum.
            if members.contains(where: { suspects[$0].candidate.rejection == nil }) { continue }
            let share = members.reduce(0) { $0 + suspects[$1].candidate.share }
            guard share >= tuning.share else { continue }
            var moving: [(index: Int, rise: Double)] = []
            for index in members {
                let evidence =
                    suspects[index].evidence ?? self.evidence(suspects[index].row, victim: victim, arena: arena)
                let rise = evidence.rise ?? 0
                let isMoving = evidence.correlation ?? 0 >= tuning.groupCorrelation && rise > 0
                let isHit = !arena.resource.ownTold && isLosingCache(suspects[index], victim, arena)
                if isMoving && !isHit { moving.append((index, rise)) }
            }
            let mean = moving.reduce(0) { $0 + $1.rise } / Double(max(1, moving.count))
            // One that only stirs beside another is no part of what that does.
            let taking = moving.filter { $0.rise >= tuning.groupPart * mean }.map(\.index)
            guard taking.count > 1 else { continue }
            let all = movement ?? self.movement(suspects, victim: victim, arena: arena)
            movement = all
            hear(taking, of: &suspects, movement: all, excesses: excesses, victim: victim, arena: arena)
        }
    }

    /// Whether a suspect may be part of a group: one that is too small, or within what it is entitled to.
    private func isJoinable(_ suspect: Suspect, victim: Victim) -> Bool {
        guard suspect.row != victim.row, !suspect.acquitted, suspect.use != nil else { return false }
        switch suspect.candidate.rejection {
        case nil, .smallShare, .withinEntitlement, .uncorrelated: return true
        case .flooded, .tooFewReadings, .alsoHurt, .outranked, .acquitted, .busyWithJob, .elsewhere: return false
        }
    }

    /// Tries the VMs of one tenant as one.
    private func hear(
        _ group: [Int],
        of suspects: inout [Suspect],
        movement: Movement,
        excesses: Double,
        victim: Victim,
        arena: Arena
    ) {
        var sum = [Float](repeating: 0, count: tuning.window)
        var (share, excess, use, entitled, largest) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for index in group {
            let member = arena.members[suspects[index].row]
            for (place, value) in zip(sum.indices, window(suspects[index].row, arena.column)) {
                sum[place] += value * Float(member.part)
            }
            share += suspects[index].candidate.share
            excess += suspects[index].candidate.excess
            use += suspects[index].use ?? 0
            entitled += member.entitled
        }
        for member in arena.members { largest += member.entitled }
        let evidence = Evidence(
            use: sum[...],
            suffering: window(victim.row, victim.column),
            hurtFrom: victim.verdict.threshold,
            calmUpTo: victim.calm
        )
        let rise = evidence.rise ?? 0
        let proportion = largest > 0 ? min(tuning.groupRise, 2 * entitled / largest) : 0
        guard share >= tuning.share, excess > slack(entitled, arena),
            evidence.pairs >= tuning.pairs, evidence.hurt >= tuning.hurtTicks,
            evidence.calmTicks >= tuning.calmTicks,
            let correlation = evidence.correlation, correlation >= tuning.correlation, rise >= tuning.rise * use,
            rise >= max(tuning.shareOfRise, proportion) * movement.rise
        else { return }
        var (rest, whole) = (movement, Movement())
        for index in group {
            let own = self.evidence(suspects[index].row, victim: victim, arena: arena)
            rest.leaveOut(own)
            whole.rise += max(0, own.rise ?? 0)
            whole.calm += max(0, own.calm ?? 0)
        }
        var joint = evidence
        (joint.rise, joint.calm) = (whole.rise, whole.calm)
        guard outgrew(joint, rest) else { return }
        let order = group.sorted { left, right in
            if suspects[left].held != suspects[right].held { return !suspects[left].held }
            return suspects[left].use ?? 0 > suspects[right].use ?? 0
        }
        guard let head = order.first else { return }
        let excessShare = min(1, max(0, excess) / max(excesses, excess))
        suspects[head].candidate.correlation = correlation
        suspects[head].candidate.score = correlation * (min(1, share) + excessShare) / 2
        suspects[head].candidate.rejection = nil
        suspects[head].candidate.together = order.dropFirst().map { suspects[$0].candidate.slot }
        for index in order.dropFirst() { suspects[index].candidate.rejection = .outranked }
    }
}
