import Foundation
import Libvirt
import Reporting
import Policy
import Signals
import Testing

@testable import QuellRuntime

@Suite("The report of an audit, and what of it is told")
struct AuditReportTests {
    private func facts(_ vms: [AuditVM] = [AuditBed.vm(1) { $0.disks[0].isLimited = false }]) -> AuditFacts {
        AuditBed.host(vms) { $0.clearsFree = .untold("no file") }
    }

    @Test("Its text: findings, why each matters once, what is not known, and a last line")
    func text() {
        let two = [1, 2].map { number in AuditBed.vm(number) { $0.disks[0].isLimited = false } }
        let text = AuditReport(facts(two), viewpoint: .daemon).description
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("FINDING         SEVERITY  WHERE") == true)
        #expect(
            lines.count {
                $0.hasPrefix("disk-unlimited  warning   vm-1 (tenant a)  no <iotune> on vda; to change it: ")
            }
                == 1
        )
        #expect(lines.count { $0.hasPrefix("disk-unlimited  one VM can fill the queue") } == 1)
        #expect(lines.contains("init-on-free-off  host   not known: no file"))
        #expect(text.hasSuffix("2 VMs; 2 warnings; 1 not known\nas quelld sees it"))
    }

    @Test("Its JSON is the same each time, and is read back")
    func json() throws {
        let report = AuditReport(facts(), viewpoint: .command)
        let text = try report.json
        #expect(try text == AuditReport(facts(), viewpoint: .command).json)
        #expect(try JSONDecoder().decode(AuditReport.self, from: Data(text.utf8)) == report)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["viewpoint", "vms", "findings", "notKnown", "ignored"])
        let finding = try #require((object["findings"] as? [[String: Any]])?.first)
        #expect(Set(finding.keys) == ["id", "severity", "subject", "evidence", "why", "remedy"])
        #expect((finding["subject"] as? [String: String])?["uuid"] == "00000000-0000-0000-0000-000000000001")
    }

    @Test("Findings come the most urgent first, and in one order whatever the order of the VMs is")
    func order() {
        let change: (inout AuditVM) -> Void = {
            $0.disks[0].isLimited = false
            $0.safeguards = []
        }
        let vms = (1...4).map { AuditBed.vm($0, change) }
        let report = AuditReport(facts(vms), viewpoint: .command)
        #expect(report.findings == AuditReport(facts(vms.reversed()), viewpoint: .command).findings)
        #expect(
            report.findings.map(\.severity) == report.findings.map(\.severity).sorted { $0.isAtLeast($1) && $0 != $1 }
        )
    }

    @Test("Only what is as urgent as wanted is shown")
    func filter() {
        let report = AuditReport(facts([AuditBed.vm(1) { $0.safeguards = [] }]), viewpoint: .command)
        #expect(report.findings.count == 2 && report.atLeast(.notice).findings.isEmpty)
        #expect(report.atLeast(.info) == report && report.atLeast(.warning).notKnown.isEmpty)
        #expect(Severity.critical.isAtLeast(.critical) && !Severity.notice.isAtLeast(.warning))
    }

    @Test("The first look is summed up; then each finding that comes or goes is told once")
    func watch() throws {
        var watch = AuditWatch()
        let clean = AuditReport(AuditBed.host([AuditBed.vm(1)]), viewpoint: .daemon)
        let bad = AuditReport(AuditBed.host([AuditBed.vm(1) { $0.disks[0].isLimited = false }]), viewpoint: .daemon)
        let first = watch.take(clean)
        #expect(first.map(\.id) == [.auditSummary])
        #expect(
            first[0].text == "the audit of this host: nothing found, 0 not known; \"quell audit\" says what and why"
        )
        let found = watch.take(bad)
        #expect(found.map(\.id) == [.auditFound] && found[0].severity == .warning)
        #expect(found[0][.finding] == "disk-unlimited" && found[0][.vm] == "vm-1" && found[0][.tenant] == "a")
        #expect(found[0][.remedy]?.hasPrefix("virsh blkdeviotune") == true)
        #expect(watch.take(bad).isEmpty)
        let gone = watch.take(clean)
        #expect(gone.map(\.id) == [.auditCleared] && gone[0][.before] == "no <iotune> on vda")
        #expect(watch.take(clean).isEmpty)
    }

    @Test("What the policy ignores from now on is no longer told of, and not called gone")
    func watchIgnored() {
        let bad = AuditBed.host([AuditBed.vm(1) { $0.disks[0].isLimited = false }])
        var watch = AuditWatch()
        _ = watch.take(AuditReport(bad, viewpoint: .daemon))
        let plan = AuditPlan(own: [.diskUnlimited: .ignore])
        #expect(watch.take(AuditReport(bad, viewpoint: .daemon, plan: plan), plan: plan).isEmpty)
        #expect(watch.take(AuditReport(bad, viewpoint: .daemon)).map(\.id) == [.auditFound])
    }

    @Test("What cannot be told now has not gone: a check, a VM, or all of libvirt")
    func watchGaps() {
        let bare: (inout AuditVM) -> Void = { $0.disks[0].isLimited = false }
        let swapless: (inout AuditFacts) -> Void = { $0.swap = .untold("no file") }
        let bad = AuditReport(AuditBed.host([AuditBed.vm(1, bare)]), viewpoint: .daemon)
        var watch = AuditWatch()
        _ = watch.take(bad)
        let away = AuditReport(AuditBed.host([]) { $0.trouble = "away" }, viewpoint: .daemon)
        #expect(watch.take(away).isEmpty && watch.take(bad).isEmpty)
        let hidden = AuditReport(
            AuditBed.host { $0.unread = [AuditFacts.Unread(uuid: VMUUID(high: 0, low: 1), why: "x")] },
            viewpoint: .daemon
        )
        #expect(watch.take(hidden).isEmpty)
        #expect(watch.take(AuditReport(AuditBed.host([], swapless), viewpoint: .daemon)).map(\.id) == [.auditCleared])
        var early = AuditWatch()
        #expect(early.take(away).isEmpty)
        #expect(early.take(bad).map(\.id) == [.auditSummary])
    }

    @Test("At most so many changes are told one by one of each look; the rest is told as a sum, once")
    func bound() {
        var watch = AuditWatch()
        _ = watch.take(AuditReport(AuditBed.host(), viewpoint: .daemon))
        let report = { (count: UInt64) in
            AuditReport(
                AuditBed.host((1...count).map { AuditBed.vm($0) { $0.disks[0].isLimited = false } }),
                viewpoint: .daemon
            )
        }
        let exact = watch.take(report(50))
        #expect(exact.count == AuditWatch.most && exact.allSatisfy { $0.id == .auditFound })
        let more = watch.take(report(101))
        #expect(more.count == AuditWatch.most + 1 && more.last?.id == .auditSummary)
        #expect(more.last?.text.hasPrefix("1 more findings of the audit are new or gone; now: 101 warnings") == true)
        #expect(watch.take(report(101)).isEmpty)
    }
}
