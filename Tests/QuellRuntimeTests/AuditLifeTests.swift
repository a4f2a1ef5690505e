import Libvirt
import Reporting
import Signals
import TestSupport
import Testing

@testable import HostReaders
@testable import QuellRuntime

@Suite("Findings of a host come and go with its files, and each is told once")
struct AuditLifeTests {
    /// What makes a host bad in one way, and what makes it good again.
    struct Life: Sendable, CustomTestStringConvertible {
        var check: AuditCheck
        var bad: @Sendable (FixtureTree) -> Void
        var good: @Sendable (FixtureTree) -> Void
        var testDescription: String { check.rawValue }

        init(
            _ check: AuditCheck,
            bad: @escaping @Sendable (FixtureTree) -> Void,
            good: @escaping @Sendable (FixtureTree) -> Void
        ) {
            self.check = check
            self.bad = bad
            self.good = good
        }

        /// A file with one text and another.
        init(_ check: AuditCheck, _ file: String, bad: String, good: String) {
            self.init(check, bad: { $0.write(bad, to: file) }, good: { $0.write(good, to: file) })
        }
    }

    private static let vulnerabilities = "sys/devices/system/cpu/vulnerabilities/mds"
    private static let group = "sys/bus/pci/devices/0000:3b:00.0/iommu_group/devices/0000:3b:00.1"
    private static let swaps = "Filename\tType\tSize\tUsed\tPriority\n"

    static let lives: [Life] = [
        Life(
            .cpuVulnerable,
            vulnerabilities,
            bad: "Vulnerable: no microcode\n",
            good: "Mitigation: Clear CPU buffers\n"
        ),
        Life(
            .cpuVulnerableBetweenThreads,
            vulnerabilities,
            bad: "Mitigation: Clear CPU buffers; SMT vulnerable\n",
            good: "Mitigation: Clear CPU buffers; SMT disabled\n"
        ),
        Life(
            .coreShared,
            "proc/20/task/21/status",
            bad: "Cpus_allowed_list:\t2\n",
            good: "Cpus_allowed_list:\t3\n"
        ),
        Life(.coreShared, "sys/devices/system/cpu/smt/active", bad: "1\n", good: "0\n"),
        Life(.coreShared, "cookies", bad: "", good: "10=7,20=8"),
        Life(
            .cacheUnpartitioned,
            "proc/20/task/21/cpu_resctrl_groups",
            bad: "res:/\nmon:\n",
            good: "res:/qemu-2-vm-2-vcpus_0\nmon:\n"
        ),
        Life(.deviceNotIsolated, bad: { $0.write("", to: group) }, good: { $0.remove(group) }),
        Life(
            .allocNotCleared,
            "proc/cmdline",
            bad: "init_on_alloc=0 init_on_free=1\n",
            good: "init_on_alloc=1 init_on_free=1\n"
        ),
        Life(
            .freeNotCleared,
            "proc/cmdline",
            bad: "init_on_alloc=1 init_on_free=0\n",
            good: "init_on_alloc=1 init_on_free=1\n"
        ),
        Life(
            .swapUnencrypted,
            "proc/swaps",
            bad: swaps + "/dev/sda2 partition 1024 0 -2\n",
            good: swaps + "/dev/dm-0 partition 1024 0 -2\n"
        ),
        Life(.pagesMerged, "sys/kernel/mm/ksm/run", bad: "1\n", good: "2\n"),
    ]

    private let tree = FixtureTree()

    /// A host that nothing is found about, with two VMs of two tenants that may run on CPUs of one core each.
    init() {
        tree.write("40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw\n", to: "proc/self/mountinfo")
        tree.write("", to: "sys/fs/resctrl/tasks")
        tree.write("0\n", to: "sys/kernel/mm/ksm/run")
        tree.write("1\n", to: "sys/devices/system/cpu/smt/active")
        tree.write("0-3\n", to: "sys/devices/system/cpu/online")
        for (cpu, siblings) in [(0, "0,2"), (1, "1,3"), (2, "0,2"), (3, "1,3")] {
            tree.write(siblings + "\n", to: "sys/devices/system/cpu/cpu\(cpu)/topology/core_cpus_list")
        }
        tree.write("Mitigation: Clear CPU buffers\n", to: Self.vulnerabilities)
        tree.write("init_on_alloc=1 init_on_free=1\n", to: "proc/cmdline")
        tree.write(Self.swaps, to: "proc/swaps")
        tree.write("CRYPT-PLAIN-swap\n", to: "sys/block/dm-0/dm/uuid")
        tree.write("0\n", to: "sys/block/sda/sda2/partition")
        tree.link("../../block/sda/sda2", to: "sys/class/block/sda2")
        tree.link("../../block/dm-0", to: "sys/class/block/dm-0")
        for (pid, cpu) in [(10, 0), (20, 3)] {
            let uuid = VMUUID(high: 0, low: UInt64(pid / 10))
            tree.write("/usr/bin/qemu-system-x86_64\0-uuid\0\(uuid)\0", to: "proc/\(pid)/cmdline")
            tree.write("CPU 0/KVM\n", to: "proc/\(pid)/task/\(pid + 1)/comm")
            tree.write("Cpus_allowed_list:\t\(cpu)\n", to: "proc/\(pid)/task/\(pid + 1)/status")
            tree.write(
                "res:/qemu-\(pid / 10)-vm-vcpus_0\nmon:\n",
                to: "proc/\(pid)/task/\(pid + 1)/cpu_resctrl_groups"
            )
        }
        let device = "sys/bus/pci/devices/0000:3b:00.0"
        tree.write("0x030000\n", to: device + "/class")
        tree.write("", to: device + "/iommu_group/devices/0000:3b:00.0")
        tree.write("0x040300\n", to: "sys/bus/pci/devices/0000:3b:00.1/class")
    }

    /// What an audit finds now; without that tenants are mixed.
    private func report() -> AuditReport {
        let path = tree.path
        let reader = AuditReader(roots: HostRoots(tree: path)) { thread in
            // The file stands in for the kernel, which has no other place for cookies than its answers.
            let text = HostDirectory.text(of: path + "/cookies") ?? ""
            let pairs = text.split(separator: ",").map { $0.split(separator: "=") }
            let own = pairs.first { $0.first.flatMap { Int32($0) } == thread - 1 }?.last
            return .cookie(own.flatMap { UInt64($0) } ?? 0)
        }
        var facts = reader.host()
        let domains = [UInt64(1), 2].map { number in
            var domain = DomainDescription(uuid: VMUUID(high: 0, low: number), id: Int32(number), name: "vm-\(number)")
            domain.tenants = ["tenant-\(number)"]
            domain.quota = VCPUQuota(period: 100_000, quota: 50_000)
            domain.safeguards = [.uefi, .secureBoot, .tpm]
            if number == 1 { domain.hostPCI = ["0000:3b:00.0"] }
            return domain
        }
        reader.add(domains, to: &facts)
        var report = AuditReport(facts, viewpoint: .daemon)
        report.findings.removeAll { $0.id == AuditCheck.tenantsMixed.rawValue }
        return report
    }

    @Test("The host is good as it is, and all of it is known")
    func good() {
        #expect(report().findings == [] && report().notKnown == [])
    }

    @Test("A finding comes, is told once, goes, and is told as gone once", arguments: lives)
    func life(_ life: Life) throws {
        // Two VMs on one core are kept apart by cookies alone.
        if life.testDescription == "core-shared" { tree.write("Cpus_allowed_list:\t2\n", to: "proc/20/task/21/status") }
        // One VM of two in a group of its own is a partition.
        tree.write("res:/\nmon:\n", to: "proc/10/task/11/cpu_resctrl_groups")
        life.good(tree)
        var watch = AuditWatch()
        #expect(report().ids == [])
        #expect(watch.take(report()).map(\.id) == [.auditSummary])
        life.bad(tree)
        let found = report()
        #expect(Set(found.ids) == [life.check.rawValue])
        #expect(found.findings.allSatisfy { !$0.evidence.isEmpty && !$0.remedy.isEmpty && $0.why == life.check.why })
        let told = watch.take(found)
        #expect(told.count == found.findings.count && told.allSatisfy { $0.id == .auditFound })
        #expect(told.allSatisfy { $0[.finding] == life.check.rawValue })
        #expect(watch.take(report()).isEmpty)
        life.good(tree)
        #expect(report().ids == [])
        let gone = watch.take(report())
        #expect(gone.count == told.count && gone.allSatisfy { $0.id == .auditCleared })
        #expect(watch.take(report()).isEmpty)
    }
}
