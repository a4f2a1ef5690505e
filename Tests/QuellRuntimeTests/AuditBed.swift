import Libvirt
import Signals
import TestSupport

@testable import HostReaders
@testable import QuellRuntime

/// Hosts and VMs for audits.
enum AuditBed {
    /// A VM that an audit finds nothing about.
    static func vm(_ number: UInt64, tenant: String? = "a", _ change: (inout AuditVM) -> Void = { _ in }) -> AuditVM {
        var domain = DomainDescription(uuid: VMUUID(high: 0, low: number), id: Int32(number), name: "vm-\(number)")
        domain.tenants = tenant.map { [$0] } ?? []
        domain.quota = VCPUQuota(period: 100_000, quota: 50_000)
        domain.safeguards = [.noPageSharing, .uefi, .secureBoot, .tpm]
        var disk = DomainDescription.Disk(target: "vda", source: "/img/\(number)")
        disk.isLimited = true
        domain.disks = [disk]
        var interface = DomainDescription.Interface(device: "vnet\(number)", kind: "bridge")
        interface.safeguards = [.filter, .inbound, .outbound]
        domain.interfaces = [interface]
        var vm = AuditVM(domain)
        vm.cpus = .told([UInt32(number)])
        vm.cookies = .told([0])
        vm.cacheGroups = .told(["group-\(number)"])
        change(&vm)
        return vm
    }

    /// A host that an audit finds nothing about, with its VMs.
    static func host(_ vms: [AuditVM] = [], _ change: (inout AuditFacts) -> Void = { _ in }) -> AuditFacts {
        var facts = AuditFacts()
        facts.vms = vms
        facts.merging = .told(AuditFacts.PageMerging(isOn: false, usesZeroPages: false))
        facts.hasThreads = .told(false)
        facts.cores = [0: 0, 1: 0, 2: 2, 3: 2]
        facts.vulnerabilities = .told([
            "meltdown": "Not affected", "mds": "Mitigation: Clear CPU buffers; SMT disabled",
        ])
        facts.hasResctrl = true
        facts.clearsAlloc = .told(MemoryInit.Answer(isOn: true, source: "x"))
        facts.clearsFree = .told(MemoryInit.Answer(isOn: true, source: "x"))
        facts.swap = .told([])
        change(&facts)
        return facts
    }

    /// What is found about a host, without that tenants are mixed.
    static func report(_ facts: AuditFacts) -> AuditReport {
        var report = AuditReport(facts, viewpoint: .command)
        report.findings.removeAll { $0.id == AuditCheck.tenantsMixed.rawValue }
        return report
    }
}

extension AuditReport {
    /// The ids of what was found.
    var ids: [String] { findings.map(\.id) }
    /// The ids of what could not be told.
    var gapIDs: [String] { notKnown.map(\.id) }
}
