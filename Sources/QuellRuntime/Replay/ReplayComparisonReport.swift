import Reporting
import Systemd

/// Where two policies differ over a trace.
public struct ReplayComparisonReport: Codable, Equatable, Sendable {
    /// The alerts and holds that differ, by the name of the VM, then by kind, rule or contention, and time.
    public internal(set) var differences: [ReplayDifference] = []
    /// Alerts that both policies have, to the second.
    public internal(set) var sameAlerts = 0
    /// Holds that both policies have, step by step.
    public internal(set) var sameHolds = 0
    /// Frames that were judged.
    public var ticks: UInt64
    /// VMs that were seen.
    public var vms: Int
    /// Seconds from the first frame to the last.
    public var span: Double
    /// Frames that were left out while it was recorded.
    public var lost: UInt64
    /// Damage of the trace: where and what.
    public var problems: [String]
    /// How the trace ends: `complete`, `open` or `cut`.
    public var ending: String
    /// Seconds that it took.
    public var seconds = 0.0

    /// What is known of the trace by what came of one side.
    init(trace: ReplayReport) {
        (ticks, vms, span, lost) = (trace.ticks, trace.vms, trace.span, trace.lost)
        (problems, ending) = (trace.problems, trace.ending)
    }
}

extension ReplayComparisonReport: CustomStringConvertible {
    /// The report for people: two lines for each difference, and the sum.
    public var description: String {
        (differences.map(\.description) + [summary]).joined(separator: "\n")
    }

    /// The sum on one line, and a line for each damage of the trace.
    public var summary: String {
        let alerts = differences.count { $0.kind == "alert" }
        let holds = differences.count - alerts
        let lines = [
            "\(alerts) alerts and \(holds) holds differ, \(sameAlerts) alerts and \(sameHolds) holds are the same; "
                + "\(ticks) ticks of \(vms) VMs over \(ReplayEvent.clock(span))"
        ]
        let left = lost > 0 ? ["\(lost) ticks were left out while it was recorded"] : []
        return (lines + left + problems.map { "damaged \($0)" }).joined(separator: "\n")
    }
}

/// One alert or hold that two policies do not have in the same way.
public struct ReplayDifference: Codable, Equatable, Sendable {
    /// `alert` or `hold`.
    public var kind: String
    /// The VM's UUID.
    public var vm: String
    /// Its name.
    public var name: String
    /// The rule of an alert, the contention of a hold.
    public var what: String
    /// `only-new`, `only-old` or `changed`.
    public var change: String
    /// How the new policy has it; `nil` where it does not.
    public var new: ReplaySpan?
    /// How the old policy has it; `nil` where it does not.
    public var old: ReplaySpan?

    /// A difference.
    init(_ subject: ReplaySubject, name: String, new: ReplaySpan?, old: ReplaySpan?) {
        kind = subject.kind.rawValue
        vm = subject.vm
        self.name = name
        what = subject.what
        change = old == nil ? "only-new" : new == nil ? "only-old" : "changed"
        (self.new, self.old) = (new, old)
    }

    /// What it is sorted by.
    var order: (String, String, String, String, Double) {
        (name, vm, kind, what, min(new?.from ?? .infinity, old?.from ?? .infinity))
    }
}

extension ReplayDifference: CustomStringConvertible {
    /// The difference for people.
    public var description: String {
        let head = "\(PlainText.name(name))  \(kind == "hold" ? "held over" : "alert") \(PlainText.name(what))"
        return [head, "    old: \(old.map(text) ?? "no")", "    new: \(new.map(text) ?? "no")"].joined(separator: "\n")
    }

    private func text(_ span: ReplaySpan) -> String {
        let end = span.to.map { ReplayEvent.clock($0) } ?? "the end"
        var parts = [ReplayEvent.clock(span.from) + (span.to == span.from ? "" : " to \(end)")]
        if kind == "hold" { parts.append("by \(PlainText.name(span.rule))") }
        if let severity = span.severity { parts.append(severity) }
        if !span.blamed.isEmpty {
            parts.append("blamed " + span.blamed.map { PlainText.name($0) }.joined(separator: ", "))
        }
        let steps = span.steps.enumerated().map { index, step in
            index == 0 ? step.step : "\(step.step) at \(ReplayEvent.clock(step.second))"
        }
        if !steps.isEmpty { parts.append(steps.joined(separator: ", ")) }
        if let reason = span.reason { parts.append("let go: \(reason)") }
        return parts.joined(separator: "; ")
    }
}
