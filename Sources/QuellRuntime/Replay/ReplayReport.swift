import Foundation

/// What a replay came to.
public struct ReplayReport: Codable, Equatable, Sendable, CustomStringConvertible {
    /// What one rule came to.
    public struct RuleCount: Codable, Equatable, Sendable {
        /// The rule.
        public var rule: String
        /// How often it began to fire.
        public var onsets = 0
        /// Ticks in which it fired, summed over the VMs.
        public var firing = 0
        /// How often a VM was blamed under it, each answer once.
        public var blamed = 0
        /// How often a VM was held, or would have been.
        public var held = 0
    }

    /// Files of the trace.
    public var files = 0
    /// Frames that were judged.
    public var ticks: UInt64 = 0
    /// VMs that were seen, each start of one by itself.
    public var vms = 0
    /// Seconds from the first frame to the last.
    public var span = 0.0
    /// Frames that were left out while it was recorded.
    public var lost: UInt64 = 0
    /// Frames summed over the VMs in them.
    public var vmTicks: UInt64 = 0
    /// Each rule that did anything, in the order of the policy.
    public var rules: [RuleCount] = []
    /// Damage: where and what.
    public var problems: [String] = []
    /// How the trace ends: `complete`, `open` or `cut`.
    public var ending = ""
    /// Bytes that were cut off at the end.
    public var cut = 0
    /// Bytes of the trace.
    public var bytes = 0
    /// Signals of the trace that this Quell does not know.
    public var unknownSignals: [String] = []
    /// Signals that the trace lacks, which read as not observable.
    public var lackingSignals: [String] = []
    /// Seconds that it took.
    public var seconds = 0.0

    /// How many times faster than it happened.
    public var speed: Double { seconds > 0 ? span / seconds : 0 }

    /// The summary for people.
    public var description: String {
        var lines = [
            "\(ticks) ticks of \(vms) VMs over \(ReplayEvent.clock(span)) in \(Self.short(seconds)) s: "
                + "\(Self.short(speed)) x real time"
        ]
        if vmTicks > 0 {
            lines[0] += ", \(Self.short(seconds * 1e6 / Double(vmTicks))) us a VM and tick"
            lines[0] += ", \(Self.short(Double(bytes) / Double(vmTicks))) bytes a VM and tick"
        }
        if lost > 0 { lines.append("\(lost) ticks were left out while it was recorded") }
        switch ending {
        case "cut": lines.append("the trace is cut off: the last \(cut) bytes are no whole record")
        case "open": lines.append("the trace was not closed by its writer")
        default: break
        }
        for problem in problems { lines.append("damaged \(problem)") }
        if !unknownSignals.isEmpty { lines.append("not known here: \(unknownSignals.joined(separator: ", "))") }
        if !lackingSignals.isEmpty { lines.append("not in the trace: \(lackingSignals.joined(separator: ", "))") }
        if rules.isEmpty { lines.append("no rule fired") }
        for rule in rules {
            lines.append(
                "\(rule.rule): \(rule.onsets) onsets, firing in \(rule.firing) VM ticks, \(rule.blamed) blamed, "
                    + "\(rule.held) held or would be"
            )
        }
        return lines.joined(separator: "\n")
    }

    /// A number with three digits or so.
    private static func short(_ value: Double) -> String {
        value >= 100 ? "\(Int(min(value, 1e15).rounded()))" : String(format: "%.3g", value)
    }
}
