public import Signals
internal import Systemd

extension Alert {
    /// The first audit since the start, counted.
    ///
    /// - Parameters:
    ///   - findings: How many findings there are.
    ///   - counts: The findings by urgency, in words.
    ///   - gaps: What could not be told.
    /// - Returns: The alert.
    public static func auditSummary(findings: Int, counts: String, gaps: Int) -> Alert {
        Alert(
            .auditSummary,
            .info,
            "the audit of this host: \(counts), \(gaps) not known; \"quell audit\" says what and why",
            [.count: "\(findings)"]
        )
    }

    /// More has changed than is told one by one.
    ///
    /// - Parameters:
    ///   - changes: How many changes are not told one by one.
    ///   - counts: All findings there are now by urgency, in words.
    /// - Returns: The alert.
    public static func auditMore(_ changes: Int, counts: String) -> Alert {
        Alert(
            .auditSummary,
            .notice,
            "\(changes) more findings of the audit are new or gone; now: \(counts); \"quell audit\" says what and why",
            [.count: "\(changes)"]
        )
    }

    /// The audit finds something for the first time.
    ///
    /// - Parameters:
    ///   - id: What kind of finding it is.
    ///   - severity: How urgent it is.
    ///   - uuid: The VM's UUID; `nil` for the host.
    ///   - name: The VM's name.
    ///   - tenant: Its tenant.
    ///   - evidence: What was seen.
    ///   - remedy: What to do.
    /// - Returns: The alert.
    public static func auditFound(
        _ id: String,
        _ severity: Severity,
        uuid: String?,
        name: String?,
        tenant: String?,
        evidence: String,
        remedy: String
    ) -> Alert {
        Alert(
            .auditFound,
            severity,
            "audit: \(id), \(place(name ?? uuid, tenant)): \(evidence); to change it: \(remedy)",
            [.vmUUID: uuid, .vm: name, .tenant: tenant, .finding: id, .reason: evidence, .remedy: remedy]
        )
    }

    /// The audit no longer finds something, or the VM is gone.
    ///
    /// - Parameters:
    ///   - id: What kind of finding it is.
    ///   - uuid: The VM's UUID; `nil` for the host.
    ///   - name: The VM's name.
    ///   - tenant: Its tenant.
    ///   - evidence: What was seen before.
    /// - Returns: The alert.
    public static func auditCleared(
        _ id: String,
        uuid: String?,
        name: String?,
        tenant: String?,
        evidence: String
    ) -> Alert {
        Alert(
            .auditCleared,
            .info,
            "audit: \(id), \(place(name ?? uuid, tenant)) is no longer found; it was: \(evidence)",
            [.vmUUID: uuid, .vm: name, .tenant: tenant, .finding: id, .before: evidence]
        )
    }

    /// Somebody has signed off that a VM is gone.
    ///
    /// - Parameters:
    ///   - uuid: The VM's UUID, where it is known.
    ///   - name: Its name, where it is known.
    ///   - who: Who signed.
    ///   - verdict: `clean` or `left behind`.
    ///   - leftovers: What is left, a line each.
    ///   - wiped: Volumes that were overwritten, by path.
    ///   - unknown: What could not be looked at.
    /// - Returns: The alert.
    public static func turnoverSigned(
        uuid: String?,
        name: String?,
        who: String,
        verdict: String,
        leftovers: [String],
        wiped: [String],
        unknown: Int
    ) -> Alert {
        let left = leftovers.isEmpty ? "" : ", \(leftovers.count) left"
        let lines = leftovers + wiped.map { "wiped: \($0)" }
        let gaps = unknown == 0 ? "" : ", \(unknown) not known"
        return Alert(
            .turnoverSigned,
            verdict == "clean" ? .info : .warning,
            "turnover of \(place(name ?? uuid, nil)) signed off by \(PlainText.name(who)): \(verdict)\(left)\(gaps)",
            [
                .vmUUID: uuid, .vm: name, .value: verdict, .by: who, .count: "\(leftovers.count)",
                .reason: lines.isEmpty ? nil : lines.joined(separator: "\n"),
            ]
        )
    }

    /// The host, or a VM with its tenant.
    private static func place(_ name: String?, _ tenant: String?) -> String {
        guard let name else { return "host" }
        let vm = PlainText.name(name)
        return tenant.map { "\(vm) (tenant \(PlainText.name($0)))" } ?? vm
    }
}
