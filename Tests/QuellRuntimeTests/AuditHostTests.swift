import Libvirt
import Policy
import Signals
import Testing

@testable import HostReaders
@testable import QuellRuntime

@Suite("What an audit finds about the host by itself")
struct AuditHostTests {
    private func report(_ change: (inout AuditFacts) -> Void) -> AuditReport {
        AuditBed.report(AuditBed.host([], change))
    }

    @Test(
        "Flaws of the CPU, in the kernel's own words",
        arguments: [
            ("Not affected", nil), ("Mitigation: PTI", nil), ("Mitigation: Clear CPU buffers; SMT disabled", nil),
            ("Vulnerable", "cpu-vulnerable"),
            ("Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable", "cpu-vulnerable"),
            ("Mitigation: Clear CPU buffers; SMT vulnerable", "cpu-vulnerable-smt"),
            ("Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT vulnerable", "cpu-vulnerable-smt"),
            ("Mitigation: PTE Inversion; VMX: vulnerable, SMT disabled", "cpu-vulnerable"),
            ("Mitigation: Retpolines; IBPB: conditional; BHI: Vulnerable", "cpu-vulnerable"),
            ("KVM: Vulnerable", "cpu-vulnerable"), ("KVM: Mitigation: VMX disabled", nil),
        ] as [(String, String?)]
    )
    func flaws(text: String, id: String?) {
        let report = report { $0.vulnerabilities = .told(["flaw": text, "fine": "Not affected"]) }
        #expect(report.ids == [id].compactMap(\.self) && report.gapIDs.isEmpty)
        if id != nil {
            #expect(report.findings[0].part == "flaw" && report.findings[0].evidence == "flaw: " + text)
            #expect(report.exitCode == 1)
        }
    }

    @Test("Flaws that the kernel does not tell are no pass; a text of a file cannot forge a line")
    func flawsUnknown() {
        #expect(report { $0.vulnerabilities = .told(["a": "Unknown: No mitigations"]) }.gapIDs == ["cpu-vulnerable"])
        #expect(report { $0.vulnerabilities = .told(["a": ""]) }.exitCode == 2)
        let none = report { $0.vulnerabilities = .untold("not there") }
        #expect(none.gapIDs == ["cpu-vulnerable", "cpu-vulnerable-smt"] && none.exitCode == 2)
        let hostile = report { $0.vulnerabilities = .told(["a\u{1B}b": "Vulnerable\u{1B}[2J"]) }
        #expect(hostile.findings[0].evidence == "\"a\\u{1b}b\": Vulnerable\\u{1b}[2J")
    }

    @Test("Clearing of memory: on, off, not known")
    func memory() {
        let off = Told.told(MemoryInit.Answer(isOn: false, source: "boot parameter init_on_alloc=0"))
        let alloc = report { $0.clearsAlloc = off }
        #expect(alloc.ids == ["init-on-alloc-off"] && alloc.findings[0].severity == .notice && alloc.exitCode == 0)
        #expect(report { $0.clearsFree = off }.ids == ["init-on-free-off"])
        let unknown = report {
            $0.clearsAlloc = .untold("x")
            $0.clearsFree = .untold("x")
        }
        #expect(unknown.ids.isEmpty && unknown.gapIDs == ["init-on-alloc-off", "init-on-free-off"])
    }

    private func swap(_ store: SwapArea.Store, hasZswap: Bool = false, path: String = "/dev/sda2") throws -> AuditReport
    {
        let text = "Filename Type Size Used Priority\n\(path) partition 4194304 1048576 -2\n"
        let area = try #require(SwapArea.all(text)?.first)
        return report {
            $0.swap = .told([AuditFacts.Swap(area: area, store: store)])
            $0.hasZswap = hasZswap
        }
    }

    @Test("Swap: plain is found, encrypted and in memory are not, and what cannot be told is no pass")
    func swap() throws {
        let plain = try swap(.plain, hasZswap: true)
        #expect(plain.ids == ["swap-unencrypted"] && plain.exitCode == 1)
        #expect(
            plain.findings[0].evidence
                == "/dev/sda2 is no dm-crypt device, 1024 of 4096 MiB used; zswap keeps some of it in memory"
        )
        #expect(try swap(.encrypted).ids.isEmpty && swap(.memory).ids.isEmpty)
        let unknown = try swap(.unknown("no sysfs"))
        #expect(unknown.ids.isEmpty && unknown.gapIDs == ["swap-unencrypted"] && unknown.exitCode == 2)
        #expect(report { $0.swap = .untold("no file") }.gapIDs == ["swap-unencrypted"])
        #expect(try swap(.plain, path: "/swap\\040a'b").findings[0].remedy.hasPrefix(#"swapoff '/swap a'\''b';"#))
    }

    @Test("A site may set another urgency, of a finding as of what cannot be told")
    func severities() {
        let facts = AuditBed.host([AuditBed.vm(1) { $0.safeguards.remove(.tpm) }]) { $0.swap = .untold("x") }
        let plan = AuditPlan(own: [.tpmMissing: .critical, .swapUnencrypted: .info])
        let report = AuditReport(facts, viewpoint: .command, plan: plan)
        #expect(report.findings.map(\.severity) == [.critical] && report.notKnown.map(\.severity) == [.info])
        #expect(report.exitCode == 1)
    }

    @Test("What a policy ignores is counted and not told, be it found or not known")
    func ignored() {
        let facts = AuditBed.host([AuditBed.vm(1) { $0.safeguards = [] }]) { $0.swap = .untold("x") }
        let plan = AuditPlan(own: [.tpmMissing: .ignore, .swapUnencrypted: .ignore])
        let report = AuditReport(facts, viewpoint: .command, plan: plan)
        #expect(report.findings.map(\.id) == ["secure-boot-off"] && report.notKnown.isEmpty && report.ignored == 1)
        #expect(report.description.contains("1 to know; 0 not known; 1 ignored, as the policy says"))
        let tally = report.tally(plan)
        #expect(tally.rows.count == AuditCheck.allCases.count - 2 && tally.vms == 1 && tally.ignored == 1)
        #expect(tally.rows.first { $0.check == .secureBootOff }?.findings == 1)
        #expect(tally.rows.first { $0.check == .diskUnlimited }?.findings == 0)
    }

    @Test("What could not be told is counted by check, with the severity that the policy gives")
    func tally() {
        let facts = AuditBed.host([AuditBed.vm(1)]) { $0.swap = .untold("x") }
        let plan = AuditPlan(own: [.swapUnencrypted: .critical])
        let tally = AuditReport(facts, viewpoint: .daemon, plan: plan).tally(plan)
        let row = tally.rows.first { $0.check == .swapUnencrypted }
        #expect(row == AuditTally.Row(check: .swapUnencrypted, severity: .critical, findings: 0, notKnown: 1))
        let states = HostStates()
        #expect(states.findings.isEmpty)
        states.note(tally)
        let check = HostStates.Check(id: "swap-unencrypted", severity: .critical)
        #expect(states.findings[check] == 0 && states.gaps[check] == 1)
        #expect(states.findings.count == AuditCheck.allCases.count)
    }

    @Test("Every check has an id in kebab case, a reason and an urgency")
    func table() {
        #expect(Set(AuditCheck.allCases.map(\.rawValue)).count == AuditCheck.allCases.count)
        for check in AuditCheck.allCases {
            #expect(check.rawValue.allSatisfy { $0 == "-" || $0.isLowercase && $0.isASCII }, "\(check)")
            #expect(check.why.count > 20)
        }
        #expect(AuditPlan()[.cpuVulnerable] == .critical && AuditPlan()[.tenantsMixed] == .info)
    }
}
