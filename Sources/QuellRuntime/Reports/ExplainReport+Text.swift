import Signals
import Systemd

extension ExplainReport: CustomStringConvertible {
    /// The report as people read it; names and texts from outside cannot break a line.
    public var description: String {
        var lines = ["\(name) (tenant \(tenant), \(uuid))"]
        if conduct.isEmpty, suffers.isEmpty, suspectedOf.isEmpty, leases.isEmpty {
            lines.append("nothing to explain: no rule fires for it, nobody suspects it, it is not held")
        }
        lines += leases.map(\.line)
        lines += conduct.map { "conduct: \($0)" }
        var clean = lines.map { PlainText.line($0, limit: 500) }
        for suffering in suffers { clean += Self.lines(suffering, "it is hurt") }
        for suffering in suspectedOf { clean += Self.lines(suffering, "looked at since \(suffering.victim) is hurt") }
        return clean.joined(separator: "\n")
    }

    private static func lines(_ suffering: Suffering, _ verb: String) -> [String] {
        let head =
            "\(verb) over \(suffering.contention), rule \(suffering.rule), for "
            + "\(Unit.seconds.text(suffering.seconds.rounded())): \(suffering.evidence). \(suffering.outcome), "
            + "\(Unit.ratio.text(suffering.confidence)) sure"
        var lines = [PlainText.line(head, limit: 500)]
        guard !suffering.suspects.isEmpty else { return lines }
        var rows = [["SUSPECT", "SHARE", "EXCESS", "CORRELATION", "RANK", "VERDICT"]]
        for suspect in suffering.suspects {
            let verdict = suspect.rejection.map { "no: \($0)" } ?? "to blame; " + (suspect.answer ?? "")
            rows.append([
                suspect.name, Unit.ratio.text(suspect.share), suspect.excess,
                suspect.correlation.map { Unit.digits($0) } ?? "–", Unit.digits(suspect.score), verdict,
            ])
        }
        lines += TextTable.text(rows).split(separator: "\n").map { "  " + $0 }
        return lines
    }
}
