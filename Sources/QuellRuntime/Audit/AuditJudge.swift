import Policy
import Signals
import Systemd

/// Judges a host by facts: what it finds, and what cannot be told.
struct AuditJudge {
    let facts: AuditFacts
    let plan: AuditPlan
    private(set) var findings: [AuditFinding] = []
    private(set) var gaps: [AuditGap] = []
    /// Findings that the plan says to ignore.
    private(set) var ignored = 0

    /// A judge of a host.
    ///
    /// - Parameters:
    ///   - facts: The host.
    ///   - plan: How urgent each finding is.
    init(_ facts: AuditFacts, plan: AuditPlan = AuditPlan()) {
        self.facts = facts
        self.plan = plan
    }

    /// Judges everything once.
    mutating func judge() {
        judgeTenants()
        for vm in facts.vms { judge(vm) }
        for unread in facts.unread {
            let subject = AuditSubject(uuid: unread.uuid, name: unread.uuid.description)
            for check in AuditCheck.ofVM { miss(check, subject, why: unread.why) }
        }
        judgePages()
        judgeCores()
        judgeCaches()
        judgeCPU()
        judgeMemory()
        judgeSwap()
        let order = { (left: AuditSubject, right: AuditSubject) in
            (left.name ?? "", left.uuid ?? "") < (right.name ?? "", right.uuid ?? "")
        }
        findings.sort { left, right in
            if left.severity != right.severity { return left.severity.journalPriority < right.severity.journalPriority }
            if left.id != right.id { return left.id < right.id }
            if left.subject != right.subject { return order(left.subject, right.subject) }
            return left.part ?? "" < right.part ?? ""
        }
        gaps.sort { left, right in
            if left.id != right.id { return left.id < right.id }
            if left.subject != right.subject { return order(left.subject, right.subject) }
            return left.part ?? "" < right.part ?? ""
        }
    }

    /// Notes a finding about the host.
    mutating func find(_ check: AuditCheck, part: String? = nil, _ evidence: String, remedy: String) {
        find(check, .host, part: part, evidence, remedy: remedy)
    }

    /// Notes a finding.
    mutating func find(
        _ check: AuditCheck,
        _ subject: AuditSubject,
        part: String? = nil,
        _ evidence: String,
        remedy: String
    ) {
        guard let severity = plan[check] else {
            ignored += 1
            return
        }
        findings.append(
            AuditFinding(
                id: check.rawValue,
                severity: severity,
                subject: subject,
                part: part,
                evidence: evidence,
                why: check.why,
                remedy: remedy
            )
        )
    }

    /// Notes that something cannot be told.
    mutating func miss(_ check: AuditCheck, _ subject: AuditSubject = .host, part: String? = nil, why: String) {
        guard let severity = plan[check] else { return }
        gaps.append(
            AuditGap(id: check.rawValue, severity: severity, subject: subject, part: part, why: why)
        )
    }

    /// A list for people, cut after a few; names are written so that they cannot be mistaken for anything else.
    static func list(_ words: some Collection<String>, most: Int = 8) -> String {
        let shown = words.prefix(most).map { PlainText.name($0) }.joined(separator: ", ")
        return words.count > most ? "\(shown) and \(words.count - most) more" : shown
    }

    /// A word as a shell takes it.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                    UInt8(ascii: "/"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isPlain
            ? word
            : "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: #"'\''"#) + "'"
    }
}

extension AuditCheck {
    /// Checks of single VMs, which need their descriptions.
    static let ofVM: [AuditCheck] = [
        .vmUntenanted, .vmOfSeveralTenants, .cpuUnlimited, .diskUnlimited, .networkUnlimited, .interfaceUnfiltered,
        .pagesMerged, .deviceNotIsolated, .secureBootOff, .tpmMissing,
    ]
}
