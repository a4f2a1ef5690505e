import Signals

extension Attributor {
    /// A cause of its own that can be told from the VM alone: held, its own quota, or a job.
    func outsideCause(
        of verdict: Verdict,
        contention: Contention,
        record: VMRecord,
        frame: Frame
    ) -> Finding.SelfCause? {
        if record.heldCores != nil { return .held }
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

    /// Whether a victim asks for more than it may count on while nobody else has more than theirs.
    func overreaches(_ victim: Victim, frame: Frame, host: HostUse) -> Bool {
        let entitled = claims[victim.row].cores
        let unmet = (frame[victim.verdict.slot, .cpuRunDelay].trusted ?? 0) * Double(victim.record.vcpus)
        return victim.use + unmet - entitled > slack(entitled) && victim.use >= 0.8 * entitled
            && !host.anyExcess(besides: victim.row)
    }

    /// Use beyond an entitlement that does not matter, in cores.
    func slack(_ entitled: Double) -> Double { max(tuning.slack, tuning.slackPart * entitled) }
}
