import Foundation
import Libvirt
import Policy
import Signals
import Synchronization
import TestSupport
import Testing

@testable import HostReaders
@testable import QuellRuntime

@Suite("What an audit reads from a host's files")
struct AuditReaderTests {
    private let tree = FixtureTree()
    private var roots: HostRoots { HostRoots(tree: tree.path) }

    /// Counts calls.
    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    /// A domain with a process in the tree: its vCPU threads with the CPUs they may run on.
    private func domain(
        _ number: UInt64,
        tenant: String,
        pid: Int32? = nil,
        cpus: [String] = []
    ) -> DomainDescription {
        let uuid = VMUUID(high: 0, low: number)
        var domain = DomainDescription(uuid: uuid, id: Int32(number), name: "vm-\(number)")
        domain.tenants = [tenant]
        guard let pid else { return domain }
        tree.write("/usr/bin/qemu-system-x86_64\0-uuid\0\(uuid)\0", to: "proc/\(pid)/cmdline")
        for (index, list) in cpus.enumerated() {
            let thread = "proc/\(pid)/task/\(Int(pid) + 1 + index)"
            tree.write("CPU \(index)/KVM\n", to: thread + "/comm")
            tree.write("Name:\tCPU\nCpus_allowed_list:\t\(list)\nMems_allowed_list:\t0\n", to: thread + "/status")
        }
        tree.write("qemu\n", to: "proc/\(pid)/task/\(pid)/comm")
        return domain
    }

    private func reader(_ cookie: @escaping @Sendable (Int32) -> CoreCookie = { _ in .cookie(0) }) -> AuditReader {
        AuditReader(roots: roots, cookie: cookie)
    }

    @Test("A host of which nothing can be read: all of it is untold, and an audit of it is no pass")
    func nothing() {
        let facts = reader().host()
        guard case .untold = facts.merging, case .untold = facts.hasThreads, case .untold = facts.vulnerabilities,
            case .untold = facts.clearsAlloc, case .untold = facts.clearsFree, case .untold = facts.swap
        else {
            Issue.record("something was told: \(facts)")
            return
        }
        let report = AuditReport(facts, viewpoint: .command)
        #expect(report.findings.isEmpty && report.exitCode == 2)
        #expect(Set(report.gapIDs).isSuperset(of: ["cpu-vulnerable", "swap-unencrypted", "init-on-alloc-off"]))
    }

    @Test("A whole host")
    func whole() {
        tree.write("1\n", to: "sys/kernel/mm/ksm/run")
        tree.write("0\n", to: "sys/kernel/mm/ksm/use_zero_pages")
        tree.write("1\n", to: "sys/devices/system/cpu/smt/active")
        tree.write("0-3\n", to: "sys/devices/system/cpu/online")
        for (cpu, siblings) in [(0, "0,2"), (1, "1,3"), (2, "0,2")] {
            tree.write(siblings + "\n", to: "sys/devices/system/cpu/cpu\(cpu)/topology/thread_siblings_list")
        }
        tree.write("1,3\n", to: "sys/devices/system/cpu/cpu3/topology/core_cpus_list")
        tree.write("Mitigation: PTI\n", to: "sys/devices/system/cpu/vulnerabilities/meltdown")
        tree.write("40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw\n", to: "proc/self/mountinfo")
        tree.write("init_on_alloc=1 init_on_free=0\n", to: "proc/cmdline")
        tree.write("Filename\tType\tSize\tUsed\tPriority\n", to: "proc/swaps")
        tree.write("Y\n", to: "sys/module/zswap/parameters/enabled")
        let facts = reader().host()
        #expect(facts.merging == .told(AuditFacts.PageMerging(isOn: true, usesZeroPages: false)))
        #expect(facts.hasThreads == .told(true))
        #expect(facts.cores == [0: 0, 2: 0, 1: 1, 3: 1])
        #expect(facts.vulnerabilities == .told(["meltdown": "Mitigation: PTI"]))
        #expect(facts.hasResctrl && facts.hasZswap && facts.swap == .told([]))
        #expect(facts.clearsAlloc == .told(MemoryInit.Answer(isOn: true, source: "boot parameter init_on_alloc=1")))
        #expect(facts.clearsFree == .told(MemoryInit.Answer(isOn: false, source: "boot parameter init_on_free=0")))
        #expect(facts.usualShares == 1_024)
        tree.write("cpu\n", to: "sys/fs/cgroup/cgroup.controllers")
        #expect(reader().host().usualShares == 100)
    }

    @Test(
        "Merging of pages: 1 is on, 0 and 2 are off, another word and a missing file are untold, a kernel without is off",
        arguments: [("1", true), ("0", false), ("2", false), ("x", nil), ("", nil)] as [(String, Bool?)]
    )
    func merging(word: String, isOn: Bool?) {
        tree.write(word + "\n", to: "sys/kernel/mm/ksm/run")
        switch (reader().host().merging, isOn) {
        case (.told(let told), let isOn?): #expect(told.isOn == isOn)
        case (.untold, nil): break
        default: Issue.record("\(word)")
        }
        tree.remove("sys/kernel/mm/ksm")
        #expect(reader().host().merging == .told(AuditFacts.PageMerging(isOn: false, usesZeroPages: nil)))
    }

    @Test("VMs: CPUs of all their vCPUs, cookies and control groups; threads of others are passed over")
    func vms() {
        tree.write("40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw\n", to: "proc/self/mountinfo")
        tree.write("", to: "sys/fs/resctrl/tasks")
        tree.write("res:/mine\nmon:\n", to: "proc/10/task/11/cpu_resctrl_groups")
        tree.write("res:/\nmon:\n", to: "proc/10/task/12/cpu_resctrl_groups")
        let domains = [
            domain(1, tenant: "a", pid: 10, cpus: ["0-1", "4"]), domain(2, tenant: "b", pid: 20, cpus: ["7"]),
        ]
        var facts = AuditBed.host { $0.hasThreads = .told(true) }
        reader { $0 == 11 ? .cookie(5) : .cookie(0) }.add(domains, to: &facts)
        #expect(facts.vms.map(\.cpus) == [.told([0, 1, 4]), .told([7])])
        #expect(facts.vms.map(\.cookies) == [.told([0, 5]), .told([0])])
        #expect(facts.vms[0].cacheGroups == .told(["", "mine"]))
    }

    @Test("VMs of one tenant alone: no thread is asked for anything")
    func oneTenant() {
        let asked = Count()
        let domains = [domain(1, tenant: "a", pid: 10, cpus: ["0"]), domain(2, tenant: "a", pid: 20, cpus: ["0"])]
        var facts = AuditBed.host { $0.hasThreads = .told(true) }
        reader { _ in
            asked.value.add(1, ordering: .relaxed)
            return .cookie(0)
        }
        .add(domains, to: &facts)
        #expect(
            asked.value.load(ordering: .relaxed) == 0
                && facts.vms.map(\.cpus) == [.untold("not read"), .untold("not read")]
        )
    }

    @Test("VMs: what cannot be told of one: no process, no vCPU thread, no affinity, no right to ask for its cookie")
    func vmsUnknown() {
        let domains = [
            domain(1, tenant: "a"), domain(2, tenant: "b", pid: 20), domain(3, tenant: "c", pid: 30, cpus: ["x"]),
            domain(4, tenant: "d", pid: 40, cpus: ["0"]),
        ]
        var facts = AuditBed.host { $0.hasThreads = .told(true) }
        reader { _ in .failed(1) }.add(domains, to: &facts)
        #expect(facts.vms[0].cpus == .untold("its QEMU process is not to be found"))
        #expect(facts.vms[1].cpus == .untold("the threads of its vCPUs are not to be found"))
        #expect(facts.vms[2].cpus == .untold("\(tree.path)/proc/30/task/31/status cannot be read"))
        #expect(facts.vms[3].cpus == .told([0]))
        #expect(facts.vms[3].cookies == .untold("the kernel does not tell its core-scheduling cookie: errno 1"))
        var old = AuditBed.host { $0.hasThreads = .told(true) }
        reader { _ in .unsupported }.add([domains[0], domains[3]], to: &old)
        #expect(old.vms[1].cookies == .told([0]))
    }

    @Test("Devices: the others of their IOMMU groups without bridges, no group, no device, a hostile address")
    func devices() {
        let base = "sys/bus/pci/devices/"
        for (address, driver) in [("0000:3b:00.0", "vfio-pci"), ("0000:3b:00.1", "snd_hda_intel")] {
            tree.write("0x030000\n", to: base + address + "/class")
            tree.link("../../../drivers/" + driver, to: base + address + "/driver")
        }
        tree.write("0x060400\n", to: base + "0000:3a:00.0/class")
        for address in ["0000:3a:00.0", "0000:3b:00.0", "0000:3b:00.1"] {
            tree.write("", to: base + "0000:3b:00.0/iommu_group/devices/" + address)
        }
        tree.write("0x020000\n", to: base + "0000:44:00.0/class")
        var domain = self.domain(1, tenant: "a")
        domain.hostPCI = ["0000:3b:00.0", "0000:44:00.0", "0000:99:00.0", "../../x"]
        var facts = AuditBed.host()
        reader().add([domain], to: &facts)
        let sibling = AuditDevice.Sibling(address: "0000:3b:00.1", driver: "snd_hda_intel")
        #expect(facts.vms[0].devices[0] == AuditDevice(address: "0000:3b:00.0", siblings: .told([sibling])))
        #expect(facts.vms[0].devices[1].lacksIOMMU)
        #expect(facts.vms[0].devices[2].siblings == .untold("the host has no device at 0000:99:00.0"))
        #expect(facts.vms[0].devices[3].siblings == .untold("the host has no device at ../../x"))
    }

    @Test("Through libvirt's own test driver: its domain is judged; without a connection the VMs are not known")
    func libvirt() async throws {
        var configuration = DaemonConfiguration()
        configuration.uri = "test:///default"
        let auditor = Auditor(configuration, reader: reader())
        let report = await auditor.examine()
        #expect(report.vms == 1 && report.trouble == nil)
        #expect(report.findings.contains { $0.id == "vm-untenanted" && $0.subject.name == "test" })
        #expect(report.viewpoint == .command && report.exitCode == 1)
        let closed = LibvirtConnection(uri: "test:///default")
        let away = await auditor.examine(through: closed, leases: [], plan: AuditPlan(), as: .daemon)
        #expect(away.trouble?.contains("no connection") == true && away.vms == 0 && away.exitCode == 2)
        #expect(away.description.contains("the VMs could not be listed: "))
    }
}
