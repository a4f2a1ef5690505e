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

    /// Whether a VM other than the one in the given row uses more than its entitlement.
    func anyExcess(besides row: Int) -> Bool { beyond > 1 || (beyond == 1 && someoneBeyond != row) }
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
            claims[row] = Entitlement.Claim(limit: limit, weight: record?.weight ?? 0)
        }
        Entitlement.fill(&claims, capacity: Double(frame.hostCPUs))
        var host = HostUse()
        for row in claims.indices where claims[row].limit > 0 {
            guard let use = frame[VMSlot(row), .cpuUsage].trusted, use > 0 else { continue }
            host.total += use
            guard use - claims[row].cores > slack(claims[row].cores) else { continue }
            host.beyond += 1
            host.someoneBeyond = row
        }
        let pressure = frame[host: .hostCPUPressure].trusted ?? 0
        host.contended =
            host.total >= tuning.contendedUse * Double(frame.hostCPUs) || pressure >= tuning.contendedPressure
        return host
    }
}
