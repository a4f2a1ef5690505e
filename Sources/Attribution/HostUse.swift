import Signals

/// How the CPUs of the host are used in one tick.
struct HostUse {
    /// Cores used by all VMs.
    var total = 0.0
    /// Whether its CPUs are contended.
    var contended = false
    /// Running VMs whose use is beyond their entitlement.
    var beyond = 0
    /// The row of one of them.
    var someoneBeyond: Int?
    /// Everybody who is looked at, by share, then by row, as far as that does not depend on the victim.
    var suspects: [Suspect] = []

    /// Whether a VM other than the one in the given row uses more than its entitlement.
    func anyExcess(besides row: Int) -> Bool { beyond > 1 || (beyond == 1 && someoneBeyond != row) }
}

/// One VM on trial, before the ranking.
struct Suspect {
    /// What is told of it.
    var candidate: Candidate
    /// Who it is.
    var identity: VMIdentity
    /// Whether Quell holds it.
    var held: Bool
    /// Its use in this tick; `nil` where it was not read.
    var use: Double?
    /// How it moved with the suffering; `nil` where its share is too small to ask.
    var evidence: Evidence?
    /// Whether it was shown before and is still at it.
    var shown = false
}

/// A VM that is hurt over the CPU and did not do it by quota, hold or job.
struct Victim {
    /// The verdict.
    var verdict: Verdict
    /// What is known of it.
    var record: VMRecord
    /// The series by which it suffers.
    var series: Attributor.Series
    /// Its use in this tick, in cores.
    var use: Double

    /// Its row.
    var row: Int { verdict.slot.index }
}

extension Attributor {
    /// Sums up the use of this tick and shares the host out.
    mutating func measure(_ frame: Frame) -> HostUse {
        for row in claims.indices {
            let record = row < frame.capacity ? frame[record: VMSlot(row)] : nil
            let limit = record.map { $0.running ? Double($0.vcpus) : 0 } ?? 0
            let weight = record?.weight ?? 1
            claims[row] = Entitlement.Claim(limit: limit, weight: weight.isFinite ? min(max(weight, 0.001), 10_000) : 1)
        }
        Entitlement.fill(&claims, capacity: Double(frame.hostCPUs))
        var host = HostUse()
        for row in claims.indices where claims[row].limit > 0 {
            guard let use = frame[VMSlot(row), .cpuUsage].trusted, use > 0, use.isFinite else { continue }
            host.total += use
            guard use - claims[row].cores > slack(claims[row].cores) else { continue }
            host.beyond += 1
            host.someoneBeyond = row
        }
        let pressure = frame[host: .hostCPUPressure].trusted ?? 0
        host.contended =
            host.total >= tuning.contendedUse * Double(frame.hostCPUs) || pressure >= tuning.contendedPressure
        for row in claims.indices {
            if let suspect = suspect(row, frame: frame, total: host.total) { host.suspects.append(suspect) }
        }
        host.suspects.sort { left, right in
            let (left, right) = (left.candidate, right.candidate)
            return left.share != right.share ? left.share > right.share : left.slot < right.slot
        }
        return host
    }

    /// The VM in a row as a suspect; `nil` for one too small to look at and for a free row.
    private func suspect(_ row: Int, frame: Frame, total: Double) -> Suspect? {
        guard row < frame.capacity, let record = frame[record: VMSlot(row)] else { return nil }
        let reading = frame[VMSlot(row), .cpuUsage]
        let use = reading.trusted.flatMap { $0.isFinite ? $0 : nil }
        let share = total > 0 ? max(0, use ?? 0) / total : 0
        guard share >= tuning.listed || (record.running && use == nil && reading.quality != .notObservable) else {
            return nil
        }
        let excess = (use ?? 0) - claims[row].cores
        var rejection: Candidate.Rejection?
        if !record.running || !record.activity.isEmpty {
            rejection = .busyWithJob
        } else if use == nil {
            rejection = .tooFewReadings
        } else if share < tuning.share {
            rejection = .smallShare
        } else if excess <= slack(claims[row].cores) {
            rejection = .withinEntitlement
        }
        return Suspect(
            candidate: Candidate(
                slot: VMSlot(row),
                share: share,
                excess: excess,
                correlation: nil,
                score: 0,
                rejection: rejection
            ),
            identity: record.identity,
            held: record.heldCores != nil,
            use: use
        )
    }
}
