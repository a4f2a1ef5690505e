public import Policy
import Signals
import Traces

/// Runs a trace under two policies at once and says where they differ: in what would be told and whom they would hold.
///
/// The trace is read once, and what is kept of it are the alerts and holds of each side. Holds are simulated as in a replay
/// under one policy: neither side sees what the other would have done.
public struct ReplayComparison {
    private var new: Replay
    private var old: Replay
    private let newSpans: ReplaySpans
    private let oldSpans: ReplaySpans

    /// A comparison that has seen nothing.
    ///
    /// - Parameters:
    ///   - new: The policy that may come.
    ///   - old: The policy that it is held against.
    public init(new: PolicySet, old: PolicySet) {
        let (newSpans, oldSpans) = (ReplaySpans(), ReplaySpans())
        self.newSpans = newSpans
        self.oldSpans = oldSpans
        self.new = Replay(policy: new, tell: { _ in }) { newSpans.take($0, frame: $1, second: $2) }
        self.old = Replay(policy: old, tell: { _ in }) { oldSpans.take($0, frame: $1, second: $2) }
    }

    /// Runs the bytes of one trace, or of its files one behind the other.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func run(_ bytes: [UInt8]) {
        var reader = TraceReader(bytes)
        while let item = Replay.next(of: &reader) {
            new.take(item, from: reader)
            old.take(item, from: reader)
        }
        new.finish(reader, bytes: bytes.count)
        old.finish(reader, bytes: bytes.count)
    }

    /// What came of all that was run; nothing is to be run after it.
    ///
    /// - Returns: The differences.
    public func report() -> ReplayComparisonReport {
        newSpans.finish()
        oldSpans.finish()
        var report = ReplayComparisonReport(trace: new.report)
        let names = newSpans.names.merging(oldSpans.names) { name, _ in name }
        let subjects = Set(newSpans.spans.keys).union(oldSpans.spans.keys)
        for subject in subjects {
            for pair in Self.pairs(newSpans.spans[subject] ?? [], oldSpans.spans[subject] ?? []) {
                guard pair.new != pair.old else {
                    switch subject.kind {
                    case .alert: report.sameAlerts += 1
                    case .hold: report.sameHolds += 1
                    }
                    continue
                }
                report.differences.append(
                    ReplayDifference(subject, name: names[subject.vm] ?? subject.vm, new: pair.new, old: pair.old)
                )
            }
        }
        report.differences.sort { $0.order < $1.order }
        return report
    }

    /// Pairs the spans of both sides, each in order of time: those that overlap are of the same incident.
    private static func pairs(_ new: [ReplaySpan], _ old: [ReplaySpan]) -> [(new: ReplaySpan?, old: ReplaySpan?)] {
        var pairs: [(new: ReplaySpan?, old: ReplaySpan?)] = []
        var (left, right) = (0, 0)
        while left < new.count || right < old.count {
            let mine = left < new.count ? new[left] : nil
            let theirs = right < old.count ? old[right] : nil
            if let mine, let theirs, !overlap(mine, theirs) {
                let isFirst = mine.from < theirs.from
                pairs.append(isFirst ? (mine, nil) : (nil, theirs))
                if isFirst { left += 1 } else { right += 1 }
            } else {
                pairs.append((mine, theirs))
                left += 1
                right += 1
            }
        }
        return pairs
    }

    private static func overlap(_ one: ReplaySpan, _ other: ReplaySpan) -> Bool {
        one.from <= other.to ?? .infinity && other.from <= one.to ?? .infinity
    }
}
