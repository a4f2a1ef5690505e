internal import Attribution
internal import Detection
internal import Signals

/// What happens on one generated host, tick by tick, for whoever wants to know why a host went wrong.
public enum MatrixStory {
    /// The findings of a host, a line each time the answer changes.
    ///
    /// - Parameter host: The host.
    /// - Returns: The lines.
    public static func tell(_ host: MatrixHost) -> [String] {
        var host = host
        var frame = host.frame()
        let rules = host.rules
        var bank = DetectorBank(rules: rules)
        var attributor = Attributor()
        var verdicts: [Verdict] = []
        var lines = ["culprits \(host.culprits), from tick \(host.onset)"]
        for row in 0..<host.count {
            lines.append("vm\(row)\(host.isOnScene(row) ? " on the scene" : ""): \(host.sketch(of: row))")
        }
        var last: [Int: Finding.Outcome] = [:]
        for tick in 0..<MatrixHost.ticks {
            host.play(tick, into: &frame)
            bank.observe(frame, into: &verdicts)
            for finding in attributor.assess(frame, verdicts: verdicts, rules: rules) {
                let victim = finding.victim.index
                if last[victim] == finding.outcome { continue }
                last[victim] = finding.outcome
                let value = Unit.digits(finding.verdict.value)
                lines.append(
                    "\(tick): vm\(victim) \(finding.verdict.signal) \(value) of \(Unit.digits(finding.verdict.threshold)): "
                        + "\(finding.outcome) over \(finding.contention) by \(finding.measure?.name ?? "nothing")"
                )
                for candidate in finding.candidates.prefix(5) {
                    lines.append(
                        "    vm\(candidate.slot.index) share \(Unit.digits(candidate.share)) excess "
                            + "\(Unit.digits(candidate.excess)) correlation \(candidate.correlation ?? .nan) score "
                            + "\(Unit.digits(candidate.score)): \(candidate.rejection?.rawValue ?? "passes")"
                    )
                }
            }
        }
        return lines
    }
}

extension MatrixHost {
    /// A VM in a few words.
    func sketch(of row: Int) -> String {
        let vm = vms[row]
        return
            "\(vm.vcpus) vCPUs, tenant \(vm.tenant.map { "\($0)" } ?? "unknown"), base \(Unit.digits(vm.load.base)), "
            + "event \(Unit.digits(vm.load.event)) × \(Unit.digits(vm.load.factor)) in \(vm.load.windows.count) windows"
    }
}
