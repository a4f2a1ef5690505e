import Policy
import Signals
import Testing

@Suite("The section audit of a policy")
struct AuditKeysTests {
    private func load(_ texts: String...) throws -> PolicySet {
        try PolicyLoader.load(texts: texts.enumerated().map { ("\($0.offset + 1).yaml", $0.element) })
    }

    @Test("nothing said: every finding is as urgent as usual")
    func defaults() throws {
        let plan = try load("version: 1\n").audit
        #expect(plan == AuditPlan())
        for check in AuditCheck.allCases { #expect(plan[check] == check.usualSeverity) }
    }

    @Test("every finding takes every severity", arguments: AuditCheck.allCases)
    func everyKey(_ check: AuditCheck) throws {
        for urgency in AuditPlan.Urgency.allCases {
            let plan = try load("audit:\n  \(check.rawValue): \(urgency.rawValue)\n").audit
            #expect(plan.own.keys.allSatisfy { $0 == check })
            #expect(plan[check] == Severity(rawValue: urgency.rawValue))
        }
    }

    @Test("a later file replaces one finding and leaves the others")
    func overrides() throws {
        let plan = try load(
            "audit: {disk-unlimited: info, tpm-missing: ignore, pages-merged: info}\n",
            "audit: {disk-unlimited: critical, pages-merged: warning}\n"
        ).audit
        #expect(plan == AuditPlan(own: [.diskUnlimited: .critical, .tpmMissing: .ignore]))
    }

    @Test("several faults are each told at their own place")
    func faults() {
        let problems = PolicyFixtures.problems("audit:\n  disk: info\n  tpm-missing: high\n")
        #expect(problems.map(\.line) == [2, 3] && problems.map(\.column) == [3, 16])
    }
}
