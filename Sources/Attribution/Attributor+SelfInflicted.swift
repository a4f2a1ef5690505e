import Signals

extension Attributor {
    /// A cause of its own that can be told from the VM alone: held, its own quota, or a job.
    func outsideCause(
        of verdict: Verdict,
        contention: Contention,
        record: VMRecord,
        frame: Frame
    ) -> Finding.SelfCause? {
        if record.isHeld { return .held }
        if contention == .cpu {
            let use = frame[verdict.slot, .cpuUsage].trusted
            if let quota = record.ownQuota, let use, use >= 0.95 * quota { return .ownQuota }
            if let throttled = frame[verdict.slot, .cpuThrottled].trusted, throttled > 0,
                let delay = frame[verdict.slot, .cpuRunDelay].trusted, throttled >= 0.5 * delay
            {
                return .ownQuota
            }
        }
        return record.activity.isEmpty ? nil : .job
    }

    /// Whether a victim asks for more CPU than it may count on while nobody else has more than theirs.
    func overreaches(_ victim: Victim, frame: Frame, arena: Arena) -> Bool {
        guard arena.resource.entitlement == .fairCPU, let use = victim.use else { return false }
        let entitled = arena.members[victim.row].entitled
        let unmet = (frame[victim.verdict.slot, .cpuRunDelay].trusted ?? 0) * Double(victim.record.vcpus)
        return use + unmet - entitled > slack(entitled, arena) && use >= 0.8 * entitled
            && !arena.anyExcess(besides: victim.row)
    }

    /// Use beyond an entitlement that does not matter, in the use's unit.
    func slack(_ entitled: Double, _ arena: Arena) -> Double {
        let part = arena.resource.entitlement == .fairCPU ? tuning.slackPart : tuning.shareSlackPart
        return max(arena.leastExcess, part * entitled)
    }
}
