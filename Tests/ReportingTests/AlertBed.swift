import Signals

@testable import Reporting

/// A frame of two VMs and what is said of them.
struct AlertBed {
    var frame = Frame(hostCPUs: 4)
    var rule: Rule

    init(names: [String] = ["web-3", "batch-7"]) {
        rule = Rule(name: "cpu-steal", signal: .cpuRunDelay, role: .victim)
        rule.above = 0.06
        for (index, name) in names.enumerated() {
            _ = frame.place(
                VMRecord(
                    identity: VMIdentity(uuid: VMUUID(high: 0, low: UInt64(index + 1)), generation: 1),
                    name: name,
                    tenant: .known(["a", "b", "c"][index % 3]),
                    vcpus: 2
                )
            )
        }
        begin(at: 100)
    }

    mutating func begin(at seconds: Double) {
        frame.begin(at: MonotonicTime(seconds: seconds))
        for slot in 0..<frame.capacity { frame[VMSlot(slot), .cpuUsage] = Reading(1.9) }
    }

    func verdict(_ phase: Verdict.Phase, slot: Int = 0, value: Double = 0.212) -> Verdict {
        Verdict(
            slot: VMSlot(slot),
            rule: 0,
            signal: rule.signal,
            phase: phase,
            value: value,
            threshold: 0.06,
            baseline: 0.0041,
            sigmas: 9.5,
            since: MonotonicTime(seconds: 98)
        )
    }

    func finding(_ outcome: Finding.Outcome) -> Finding {
        Finding(
            victim: VMSlot(0),
            verdict: verdict(.ongoing),
            contention: .cpu,
            candidates: [
                Candidate(
                    slot: VMSlot(1),
                    share: 0.5,
                    excess: 0.9,
                    correlation: 0.97,
                    score: 0.9,
                    rejection: outcome == .nobody ? .uncorrelated : nil
                )
            ],
            outcome: outcome,
            confidence: 0.9
        )
    }

    func identity(_ slot: Int) -> VMIdentity {
        VMIdentity(uuid: VMUUID(high: 0, low: UInt64(slot + 1)), generation: 1)
    }

    func order(name: String = "batch-7") -> HoldOrder {
        HoldOrder(
            vm: identity(1),
            name: name,
            vcpus: 2,
            step: .throttle(0.6),
            term: 300,
            rule: "cpu-steal",
            victim: identity(0),
            victimName: "web-3"
        )
    }
}
