import Foundation
import Policy
public import Signals
import Systemd

/// What `quell audit` found.
public struct AuditReport: Codable, Sendable, Equatable {
    /// Whose rights the look was taken with.
    public var viewpoint: DoctorReport.Viewpoint
    /// VMs that were judged.
    public var vms: Int
    /// Why the VMs could not be listed; `nil` where they were.
    public var trouble: String?
    /// What was found, the most urgent first.
    public var findings: [AuditFinding]
    /// What could not be told.
    public var notKnown: [AuditGap]
    /// Findings that the policy says to ignore; they are not among the others.
    public var ignored: Int

    /// The report of a host.
    ///
    /// - Parameters:
    ///   - facts: The host.
    ///   - viewpoint: Whose rights the look was taken with.
    ///   - plan: How urgent each finding is.
    init(
        _ facts: AuditFacts,
        viewpoint: DoctorReport.Viewpoint,
        plan: AuditPlan = AuditPlan()
    ) {
        var judge = AuditJudge(facts, plan: plan)
        judge.judge()
        self.viewpoint = viewpoint
        vms = facts.vms.count
        trouble = facts.trouble
        findings = judge.findings
        notKnown = judge.gaps
        ignored = judge.ignored
    }

    /// The report with only what is as urgent as `severity` or more.
    ///
    /// - Parameter severity: The least urgency.
    /// - Returns: The report.
    public func atLeast(_ severity: Severity) -> AuditReport {
        var report = self
        report.findings.removeAll { !$0.severity.isAtLeast(severity) }
        report.notKnown.removeAll { !$0.severity.isAtLeast(severity) }
        return report
    }

    /// What was counted.
    ///
    /// - Parameter plan: How urgent each finding is.
    /// - Returns: The counts of every check.
    func tally(_ plan: AuditPlan) -> AuditTally {
        let found = Dictionary(grouping: findings, by: \.id).mapValues(\.count)
        let untold = Dictionary(grouping: notKnown, by: \.id).mapValues(\.count)
        let rows = AuditCheck.allCases.compactMap { check in
            plan[check].map { severity in
                AuditTally.Row(
                    check: check,
                    severity: severity,
                    findings: found[check.rawValue] ?? 0,
                    notKnown: untold[check.rawValue] ?? 0
                )
            }
        }
        return AuditTally(rows: rows, vms: vms, ignored: ignored, isListed: trouble == nil)
    }

    /// The exit code of the command: 1 where something of a warning or above was found; else 2 where something of that
    /// weight could not be told, since that is no pass; else 0.
    public var exitCode: Int32 {
        if findings.contains(where: { $0.severity.isAtLeast(.warning) }) { return 1 }
        if trouble != nil || notKnown.contains(where: { $0.severity.isAtLeast(.warning) }) { return 2 }
        return 0
    }

    /// The report as JSON.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// How many findings there are of each urgency, such as `1 critical, 2 warnings`.
    var counts: String {
        let words: [(Severity, String, String)] = [
            (.critical, "critical", "critical"), (.warning, "warning", "warnings"), (.notice, "notice", "notices"),
            (.info, "to know", "to know"),
        ]
        let parts = words.compactMap { severity, one, many -> String? in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }
        return parts.isEmpty ? "nothing found" : parts.joined(separator: ", ")
    }
}

extension AuditReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        var blocks: [String] = []
        if !findings.isEmpty {
            var rows = [["FINDING", "SEVERITY", "WHERE", "WHAT WAS SEEN, AND WHAT TO DO"]]
            rows += findings.map { finding in
                [
                    finding.id, finding.severity.rawValue, Self.place(finding.subject),
                    "\(finding.evidence); to change it: \(finding.remedy)",
                ]
            }
            blocks.append(TextTable.text(rows))
            var told: Set<String> = []
            let whys = findings.filter { told.insert($0.id).inserted }.map { [$0.id, $0.why] }
            blocks.append(TextTable.text([["FINDING", "WHY IT MATTERS TO A NEIGHBOUR"]] + whys))
        }
        if !notKnown.isEmpty {
            let rows = notKnown.map { [$0.id, Self.place($0.subject), "not known: " + $0.why] }
            blocks.append(TextTable.text([["NOT KNOWN", "WHERE", "WHY"]] + rows))
        }
        var last = "\(vms) VMs; \(counts); \(notKnown.count) not known"
        if ignored > 0 { last += "; \(ignored) ignored, as the policy says" }
        if let trouble { last = "the VMs could not be listed: \(PlainText.line(trouble))\n" + last }
        last += viewpoint == .daemon ? "\nas quelld sees it" : "\nas this command sees it; quelld was not asked"
        return (blocks + [last]).joined(separator: "\n\n")
    }

    /// The host or a VM.
    private static func place(_ subject: AuditSubject) -> String {
        guard let uuid = subject.uuid else { return "host" }
        let name = PlainText.name(subject.name ?? uuid)
        return subject.tenant.map { "\(name) (tenant \(PlainText.name($0)))" } ?? name
    }
}
