import Libvirt
import Signals
import Testing

@testable import QuellRuntime

@Suite("What an audit finds where tenants are neighbours")
struct AuditSharingTests {
    private let a = AuditBed.vm(1)
    private let other = AuditBed.vm(2, tenant: "b")

    private func report(_ vms: [AuditVM], _ change: (inout AuditFacts) -> Void = { _ in }) -> AuditReport {
        AuditBed.report(AuditBed.host(vms, change))
    }

    @Test("Tenants are mixed: two of them, or a VM of nobody known beside another; not one alone, nor one tenant's")
    func mixed() throws {
        let ids = { (vms: [AuditVM]) in AuditReport(AuditBed.host(vms), viewpoint: .daemon).ids }
        let both = AuditReport(AuditBed.host([a, other]), viewpoint: .daemon)
        #expect(both.ids == ["tenants-mixed"] && both.exitCode == 0)
        #expect(both.findings[0].evidence == "2 VMs of 2 tenants: a, b")
        #expect(ids([a, AuditBed.vm(2)]).isEmpty)
        #expect(ids([]).isEmpty && ids([AuditBed.vm(1, tenant: nil)]) == ["vm-untenanted"])
        #expect(ids([a, AuditBed.vm(2, tenant: nil)]).contains("tenants-mixed"))
        #expect(ids([AuditBed.vm(1, tenant: nil), AuditBed.vm(2, tenant: nil)]).contains("tenants-mixed"))
    }

    @Test("Whether tenants are mixed is not known where the VMs cannot be listed, or one of one tenant's hides")
    func mixedUnknown() {
        let away = report([]) { $0.trouble = "libvirt is away" }
        #expect(away.gapIDs == ["cache-unpartitioned", "tenants-mixed"] && away.exitCode == 2)
        let on = report([]) { facts in
            facts.trouble = "libvirt is away"
            facts.merging = .told(AuditFacts.PageMerging(isOn: true, usesZeroPages: nil))
            facts.hasThreads = .told(true)
        }
        #expect(on.gapIDs == ["cache-unpartitioned", "core-shared", "pages-merged", "tenants-mixed"])
        let hidden = report([a]) { $0.unread = [AuditFacts.Unread(uuid: VMUUID(high: 0, low: 9), why: "x")] }
        #expect(hidden.gapIDs.contains("tenants-mixed"))
        let known = report([a, other]) { $0.unread = [AuditFacts.Unread(uuid: VMUUID(high: 0, low: 9), why: "x")] }
        #expect(!known.gapIDs.contains("tenants-mixed"))
    }

    @Test("Pages: found of each VM that may be merged, while the kernel merges and tenants are mixed")
    func pages() {
        let open = AuditBed.vm(3, tenant: "c") { $0.safeguards.remove(.noPageSharing) }
        let on: (inout AuditFacts) -> Void = {
            $0.merging = .told(AuditFacts.PageMerging(isOn: true, usesZeroPages: true))
        }
        let found = report([a, other, open], on)
        #expect(found.ids == ["pages-merged"] && found.findings[0].subject.name == "vm-3")
        #expect(found.findings[0].evidence == "ksm/run is 1 and it has no <nosharepages/>; use_zero_pages is 1")
        #expect(report([a, other, open]).ids.isEmpty)
        #expect(report([AuditBed.vm(3) { $0.safeguards.remove(.noPageSharing) }, a], on).ids.isEmpty)
        for spared in [.hugePages, .sharedMemory] as [DomainSafeguards] {
            let vm = AuditBed.vm(3, tenant: "c") {
                $0.safeguards.remove(.noPageSharing)
                $0.safeguards.insert(spared)
            }
            #expect(report([a, vm], on).ids.isEmpty)
        }
        let unread = report([a, other]) { $0.merging = .untold("no file") }
        #expect(unread.ids.isEmpty && unread.gapIDs == ["pages-merged"])
        #expect(report([a]) { $0.merging = .untold("no file") }.gapIDs.isEmpty)
    }

    private func threads(_ vms: [AuditVM]) -> AuditReport { report(vms) { $0.hasThreads = .told(true) } }

    private func on(_ cpus: [UInt32], _ number: UInt64, tenant: String?, cookies: Told<Set<UInt64>> = .told([0]))
        -> AuditVM
    {
        AuditBed.vm(number, tenant: tenant) {
            $0.cpus = .told(cpus)
            $0.cookies = cookies
        }
    }

    @Test("Cores: two tenants on threads of one core, or on the same thread, without core scheduling")
    func cores() throws {
        let found = threads([on([0], 1, tenant: "a"), on([1, 2], 2, tenant: "b")])
        #expect(found.ids == ["core-shared"] && found.exitCode == 1)
        let finding = try #require(found.findings.first)
        #expect(finding.evidence.hasPrefix("on 1 of 2 cores vCPUs of several tenants may run at once"))
        #expect(finding.evidence.hasSuffix("as on CPUs 0,1: vm-1 (tenant a), vm-2 (tenant b)"))
        #expect(
            threads([on([0, 2], 1, tenant: "a"), on([0, 2], 2, tenant: "b")]).findings[0].evidence.contains("2 of 2")
        )
        #expect(threads([on([0], 1, tenant: nil), on([1], 2, tenant: nil)]).ids.contains("core-shared"))
    }

    @Test("Cores: apart where whole cores are given, threads are off, or it is one tenant")
    func coresApart() {
        #expect(threads([on([0, 1], 1, tenant: "a"), on([2, 3], 2, tenant: "b")]).ids.isEmpty)
        #expect(threads([on([0], 1, tenant: "a"), on([1], 2, tenant: "a")]).ids.isEmpty)
        #expect(report([on([0], 1, tenant: "a"), on([1], 2, tenant: "b")]).ids.isEmpty)
    }

    @Test("Cores: other cookies keep VMs apart; a shared one, or one vCPU without, does not")
    func cookies() {
        let with = { (left: Set<UInt64>, right: Set<UInt64>) in
            threads([
                on([0, 1], 1, tenant: "a", cookies: .told(left)), on([0, 1], 2, tenant: "b", cookies: .told(right)),
            ])
        }
        #expect(with([7], [8]).ids.isEmpty && with([7], [8]).gapIDs.isEmpty)
        #expect(with([0], [8]).ids.isEmpty)
        #expect(with([7], [7]).ids == ["core-shared"])
        #expect(with([0, 7], [0, 8]).ids == ["core-shared"])
    }

    @Test("Cores: what cannot be told is no pass: threads, cores, CPUs of a VM, cookies")
    func coresUnknown() {
        let pair = [on([0], 1, tenant: "a"), on([1], 2, tenant: "b")]
        #expect(report(pair) { $0.hasThreads = .untold("no file") }.gapIDs == ["core-shared"])
        let coreless = report(pair) {
            $0.hasThreads = .told(true)
            $0.cores = [:]
        }
        #expect(coreless.ids.isEmpty && coreless.gapIDs == ["core-shared"])
        let lost = threads([on([0], 1, tenant: "a"), AuditBed.vm(2, tenant: "b") { $0.cpus = .untold("it is gone") }])
        #expect(lost.ids.isEmpty && lost.notKnown.map(\.why) == ["vm-2: it is gone"])
        let denied = threads([on([0], 1, tenant: "a"), on([1], 2, tenant: "b", cookies: .untold("errno 1"))])
        #expect(denied.ids.isEmpty && denied.notKnown.map(\.why) == ["vm-2: errno 1"])
    }

    @Test("Caches: found where resctrl is not mounted, or all are in its default group or in Quell's own")
    func caches() {
        let all: (AuditVM) -> AuditVM = { vm in
            var vm = vm
            vm.cacheGroups = .told([""])
            return vm
        }
        let unmounted = report([a, other]) { $0.hasResctrl = false }
        #expect(unmounted.ids == ["cache-unpartitioned"] && unmounted.exitCode == 0)
        #expect(report([all(a), all(other)]).findings.first?.evidence.hasPrefix("all 2 VMs") == true)
        #expect(report([all(a), other]).ids.isEmpty)
        var held = a
        held.cacheGroups = .told(["quell-throttled"])
        #expect(report([held, all(other)]).ids == ["cache-unpartitioned"])
        var lost = a
        lost.cacheGroups = .untold("it is gone")
        let unknown = report([lost, all(other)])
        #expect(unknown.ids.isEmpty && unknown.notKnown.map(\.why) == ["vm-1: it is gone"] && unknown.exitCode == 0)
        #expect(report([all(a)]).ids.isEmpty)
    }
}
