import Attribution
import Signals

/// What attribution costs on a host of many VMs.
enum Cost {
    /// Rules on one suffering of each kind that the shipped policy watches.
    private static var rules: [Rule] {
        let signals: [Signal] = [
            .cpuRunDelay, .cpuPressureSome, .memPressureFull, .memSwapIn, .ioPressureFull, .netDrops, .perfCPI,
        ]
        return signals.map { signal in
            var rule = Rule(name: "hurt-\(signal.name)", signal: signal, role: .victim)
            rule.above = 1
            return rule
        }
    }

    /// Times ticks with no victim and with some, warm, and returns lines that say so.
    ///
    /// - Parameter vms: How many VMs.
    /// - Returns: A line for each number of victims.
    static func measure(vms: Int) -> [String] {
        let rules = rules
        var lines: [String] = []
        for victims in [0, 1, 10, 100] where victims < max(1, vms) {
            var frame = Frame(hostCPUs: 64)
            for row in 0..<vms {
                let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(row)), generation: 1)
                _ = frame.place(
                    VMRecord(identity: identity, name: "vm\(row)", tenant: .known("t\(row % 50)"), vcpus: 2)
                )
            }
            var attributor = Attributor()
            var random = SplitMix64(seed: 1)
            var spent = Duration.zero
            let ticks = 120
            for tick in 0..<ticks {
                frame.begin(at: MonotonicTime(seconds: Double(tick)))
                let isHurt = tick >= 60 && tick % 12 < 6
                for row in 0..<vms {
                    for signal in Signal.allCases where signal.scope == .vm {
                        frame[VMSlot(row), signal] = Reading(0.01 + 0.001 * random.uniform())
                    }
                    if row == vms - 1, isHurt { frame[VMSlot(row), .cpuUsage] = Reading(70) }
                    if row < victims, isHurt { frame[VMSlot(row), .cpuRunDelay] = Reading(2) }
                }
                let verdicts = (0..<(isHurt ? victims : 0)).map { row in
                    Verdict(
                        slot: VMSlot(row),
                        rule: 0,
                        signal: .cpuRunDelay,
                        phase: .ongoing,
                        value: 2,
                        threshold: 1,
                        since: frame.time
                    )
                }
                let start = ContinuousClock.now
                let findings = attributor.assess(frame, verdicts: verdicts, rules: rules)
                let took = ContinuousClock.now - start
                if tick >= 60, isHurt || victims == 0 { spent += took }
                if findings.count != verdicts.count { lines.append("\(findings.count) findings of \(verdicts.count)") }
            }
            let counted = victims == 0 ? 60 : 30
            let micros = spent / .microseconds(1) / Double(counted)
            lines.append("\(vms) VMs, \(victims) victims: \(Int(micros)) µs a tick")
        }
        return lines
    }
}
