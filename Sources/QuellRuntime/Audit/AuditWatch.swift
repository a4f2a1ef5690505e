import Policy
import Reporting
import Signals

/// Notices what an audit finds for the first time, and finds no longer.
struct AuditWatch: Sendable {
    /// Changes that are told one by one of each look; the rest of them is told as a sum.
    static let most = 50

    /// What tells a finding from another one, whatever is seen of it now.
    private struct Key: Hashable {
        var id: String
        var uuid: String?
        var part: String?
    }

    private var known: [Key: AuditFinding]?

    /// Compares a look at the host with the one before.
    ///
    /// The first look gives one summary. Each later one tells what is new and what is gone, each once, the most urgent
    /// first; of what cannot be told now, nothing is said.
    ///
    /// - Parameters:
    ///   - report: What was found now.
    ///   - plan: How urgent each finding is; what it ignores from now on is no longer told of, and is not called gone.
    /// - Returns: What is to be told.
    mutating func take(_ report: AuditReport, plan: AuditPlan = AuditPlan()) -> [Alert] {
        let now = Dictionary(report.findings.map { (Self.key($0), $0) }, uniquingKeysWith: { first, _ in first })
        guard let before = known else {
            // A first look without VMs says nothing of the VMs: it is taken again.
            guard report.trouble == nil else { return [] }
            known = now
            return [.auditSummary(findings: report.findings.count, counts: report.counts, gaps: report.notKnown.count)]
        }
        var doubtful: [Key: Bool] = [:]
        for gap in report.notKnown { doubtful[Key(id: gap.id, uuid: gap.subject.uuid, part: gap.part)] = true }
        var changes: [Alert] = []
        for finding in report.findings where before[Self.key(finding)] == nil { changes.append(Self.found(finding)) }
        var kept = now
        var gone: [AuditFinding] = []
        for (key, finding) in before where now[key] == nil {
            if let check = AuditCheck(rawValue: key.id), plan[check] == nil { continue }
            let whole = Key(id: key.id, uuid: key.uuid, part: nil)
            let anywhere = Key(id: key.id, uuid: nil, part: nil)
            let isUntold =
                (report.trouble != nil && key.uuid != nil) || doubtful[key] != nil || doubtful[whole] != nil
                || doubtful[anywhere] != nil
            if isUntold {
                kept[key] = finding
            } else {
                gone.append(finding)
            }
        }
        gone.sort { left, right in
            (left.severity.journalPriority, left.id, left.subject.uuid ?? "", left.part ?? "")
                < (right.severity.journalPriority, right.id, right.subject.uuid ?? "", right.part ?? "")
        }
        changes += gone.map { Self.cleared($0) }
        known = kept
        guard changes.count > Self.most else { return changes }
        return changes.prefix(Self.most) + [.auditMore(changes.count - Self.most, counts: report.counts)]
    }

    private static func key(_ finding: AuditFinding) -> Key {
        Key(id: finding.id, uuid: finding.subject.uuid, part: finding.part)
    }

    private static func found(_ finding: AuditFinding) -> Alert {
        .auditFound(
            finding.id,
            finding.severity,
            uuid: finding.subject.uuid,
            name: finding.subject.name,
            tenant: finding.subject.tenant,
            evidence: finding.evidence,
            remedy: finding.remedy
        )
    }

    private static func cleared(_ finding: AuditFinding) -> Alert {
        .auditCleared(
            finding.id,
            uuid: finding.subject.uuid,
            name: finding.subject.name,
            tenant: finding.subject.tenant,
            evidence: finding.evidence
        )
    }
}
