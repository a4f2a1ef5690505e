import HostReaders
import Libvirt
import Signals
import TestSupport
import Testing

@testable import QuellRuntime

@Suite("What is left of a VM on a host")
struct TurnoverLookTests {
    private let tree = FixtureTree()
    private var roots: HostRoots { HostRoots(tree: tree.path) }
    private let uuid = VMUUID(high: 0, low: 7)

    init() {
        tree.write("30 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", to: "proc/self/mountinfo")
    }

    private func subject(_ name: String? = "web-1", _ change: (inout TurnoverSubject) -> Void = { _ in })
        -> TurnoverSubject
    {
        var subject = TurnoverSubject()
        subject.uuid = uuid
        subject.name = name
        change(&subject)
        return subject
    }

    private func look(_ subject: TurnoverSubject? = nil, running: [DomainDescription] = []) -> TurnoverReport {
        var look = TurnoverLook(subject ?? self.subject(), roots: roots, running: running)
        look.lookAtFiles()
        return look.report
    }

    /// Puts an emulator into the tree.
    private func emulator(_ pid: Int32, _ uuid: VMUUID, name: String, more: String = "") {
        tree.write(
            "/usr/bin/qemu-system-x86_64\0-name\0guest=\(name),debug-threads=on\0-uuid\0\(uuid)\0\(more)",
            to: "proc/\(pid)/cmdline"
        )
    }

    @Test("A host without anything of it is clean")
    func clean() {
        let report = look()
        #expect(report.verdict == .clean && report.exitCode == 0 && report.leftovers.isEmpty && report.notKnown.isEmpty)
        #expect(report.description == "web-1, \(uuid): clean")
    }

    @Test("What is not known of the VM cannot be looked for, and is no clean bill")
    func unknown() {
        let nameless = look(subject(nil))
        #expect(nameless.verdict == .notKnown && nameless.exitCode == 2)
        #expect(nameless.notKnown.map(\.kind) == ["files by name"])
        let idless = look(subject { $0.uuid = nil })
        #expect(idless.notKnown.map(\.kind) == ["files by UUID"])
        tree.remove("proc/self/mountinfo")
        #expect(look().notKnown.map(\.kind) == ["cgroup"])
    }

    @Test(
        "Each kind of file that libvirt keeps, with the command that removes it; those of another name are not touched",
        arguments: [
            ("var/lib/libvirt/qemu/save/web-1.save", "saved state", "rm -- "),
            ("var/lib/libvirt/qemu/snapshot/web-1/s.xml", "snapshots", "rm -r -- "),
            ("var/lib/libvirt/qemu/checkpoint/web-1/c.xml", "checkpoints", "rm -r -- "),
            ("var/lib/libvirt/qemu/dump/3-web-1-2026-01-31-09:08:07", "dump", "rm -- "),
            ("var/lib/libvirt/qemu/nvram/web-1_VARS.fd", "nvram", "rm -- "),
            ("var/lib/libvirt/qemu/nvram/web-1_VARS.qcow2", "nvram", "rm -- "),
            ("var/lib/libvirt/swtpm/00000000-0000-0000-0000-000000000007/tpm2/x", "vtpm", "rm -r -- "),
            ("var/lib/libvirt/qemu/domain-3-web-1/monitor.sock", "runtime file", "rm -r -- "),
            ("var/lib/libvirt/qemu/channel/target/domain-3-web-1/x", "runtime file", "rm -r -- "),
            ("run/libvirt/qemu/channel/3-web-1/x", "runtime file", "rm -r -- "),
            ("run/libvirt/qemu/swtpm/3-web-1-swtpm.sock", "runtime file", "rm -r -- "),
            ("run/libvirt/qemu/web-1.pid", "runtime file", "rm -- "),
            ("var/lib/libvirt/qemu/ram/3-web-1/x", "memory", "rm -r -- "),
            ("dev/hugepages/libvirt/qemu/3-web-1/x", "memory", "rm -r -- "),
            ("dev/hugepages1G/libvirt/qemu/3-web-1/x", "memory", "rm -r -- "),
        ]
    )
    func files(path: String, kind: String, command: String) {
        tree.write("x", to: path)
        for name in ["web-10", "eb-1", "web"] {
            let other = look(subject(name) { $0.uuid = VMUUID(high: 0, low: 8) })
            #expect(other.leftovers.isEmpty, "\(name)")
        }
        let report = look()
        #expect(report.verdict == .leftBehind && report.exitCode == 1)
        #expect(report.leftovers.map(\.kind) == [kind])
        #expect(report.leftovers[0].remedy.hasPrefix(command + tree.path))
    }

    @Test("Files of a start go by names cut to 20 characters: those that a running VM uses are not left over")
    func shortNames() {
        let name = "a-name-of-20-letters-and-more"
        tree.write("x", to: "var/lib/libvirt/qemu/domain-4-a-name-of-20-letters/x")
        #expect(look(subject(name)).leftovers.map(\.kind) == ["runtime file"])
        emulator(
            40,
            VMUUID(high: 0, low: 9),
            name: "a-name-of-20-letters-too",
            more: "-chardev\0socket,path=/var/lib/libvirt/qemu/domain-4-a-name-of-20-letters/monitor.sock\0"
        )
        #expect(look(subject(name)).leftovers.isEmpty)
    }

    @Test("Logs are mentioned and not judged")
    func logs() {
        for file in ["web-1.log", "web-1.log.0", "web-1.log.x", "web-10.log"] {
            tree.write("x", to: "var/log/libvirt/qemu/" + file)
        }
        tree.write("x", to: "var/log/swtpm/libvirt/qemu/web-1-swtpm.log")
        let report = look()
        #expect(report.verdict == .clean)
        #expect(
            report.logs.map { String($0.split(separator: "/").last ?? "") } == [
                "web-1.log", "web-1.log.0", "web-1-swtpm.log",
            ]
        )
    }

    @Test("Processes: its emulator with huge pages, its TPM; not a new VM of the same name, nor a shell that names it")
    func processes() {
        emulator(50, VMUUID(high: 0, low: 9), name: "web-1")
        tree.write("/bin/bash\0-c\0quell turnover \(uuid)\0", to: "proc/51/cmdline")
        #expect(look().verdict == .clean)
        emulator(52, uuid, name: "web-1")
        tree.write("Name:\tqemu\nHugetlbPages:\t    2097152 kB\n", to: "proc/52/status")
        tree.write(
            "/usr/bin/swtpm\0socket\0--tpmstate\0dir=/var/lib/libvirt/swtpm/\(uuid)/tpm2\0",
            to: "proc/53/cmdline"
        )
        let report = look()
        #expect(report.leftovers.map(\.remedy) == ["kill 52", "kill 53"])
        #expect(report.leftovers[0].what.hasSuffix("with 2048 MiB of huge pages"))
        #expect(TurnoverLook.name("guest=a,,b,debug-threads=on") == "a,b" && TurnoverLook.name("plain") == "plain")
    }

    @Test(
        "Cgroups of both layouts, by systemd's escaped names and below any partition",
        arguments: [
            ("machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d1.scope", "web-1", true),
            ("machine/qemu-3-web-1.libvirt-qemu", "web-1", true),
            ("a.slice/b.slice/machine-qemu\\x2d12\\x2dweb\\x2d1.scope", "web-1", true),
            ("machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d1.scope", "web", false),
            ("machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d10.scope", "web-1", false),
            ("machine.slice/machine-qemu\\x2dweb\\x2d1.scope", "web-1", false),
            ("machine.slice/machine-qemu\\x2d3\\x2dwebx1.scope", "web_x1", true),
            ("machine.slice/machine-qemu\\x2d3\\x2da.b.scope", "a..b", true),
        ]
    )
    func cgroups(path: String, name: String, isFound: Bool) {
        tree.write("", to: "sys/fs/cgroup/cgroup.procs")
        var directory = "sys/fs/cgroup"
        for part in path.split(separator: "/") {
            directory += "/" + part
            tree.write("", to: directory + "/cgroup.procs")
        }
        let report = look(subject(name))
        #expect(report.leftovers.map(\.kind) == (isFound ? ["cgroup"] : []))
        guard isFound else { return }
        let isScope = path.hasSuffix(".scope")
        #expect(report.leftovers[0].remedy.hasPrefix(isScope ? "systemctl stop '" : "find ") == true)
    }

    @Test("A cgroup that holds another VM is not left over, whatever it is called")
    func cgroupOfAnother() {
        let scope = "sys/fs/cgroup/machine.slice/machine-qemu\\x2d3\\x2dwebx1.scope"
        for directory in ["sys/fs/cgroup", "sys/fs/cgroup/machine.slice", scope, scope + "/libvirt"] {
            tree.write("", to: directory + "/cgroup.procs")
        }
        tree.write("60\n", to: scope + "/libvirt/emulator/cgroup.procs")
        emulator(60, VMUUID(high: 0, low: 9), name: "webx1")
        #expect(look(subject("web_x1")).verdict == .clean)
        #expect(
            look(subject("webx1") { $0.uuid = VMUUID(high: 0, low: 9) }).leftovers.map(\.kind) == ["process", "cgroup"]
        )
    }

    @Test("Groups of resctrl: libvirt's by name, Quell's by UUID, and not those of others")
    func resctrl() {
        tree.write(
            "30 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw\n",
            to: "proc/self/mountinfo"
        )
        for group in [
            "", "/qemu-3-web-1-vcpus_0-3", "/qemu-3-web-10-vcpus_0", "/mine", "/mon_groups/quell-\(uuid)-44",
            "/mon_groups/quell-00000000-0000-0000-0000-000000000008-44", "/mine/mon_groups/qemu-3-web-1-vcpus_0",
        ] {
            tree.write("", to: "sys/fs/resctrl\(group)/tasks")
        }
        let paths = look().leftovers.map { $0.what.dropFirst(tree.path.count) }
        #expect(
            Set(paths) == [
                "/sys/fs/resctrl/qemu-3-web-1-vcpus_0-3", "/sys/fs/resctrl/mon_groups/quell-\(uuid)-44",
                "/sys/fs/resctrl/mine/mon_groups/qemu-3-web-1-vcpus_0",
            ]
        )
    }

    @Test("Interfaces: its own are left over, those of running VMs are not, and whose others are cannot be told")
    func interfaces() {
        for name in ["vnet1", "vnet2", "vnet3", "tap-vpn", "eth0"] {
            tree.write("1\n", to: "sys/class/net/\(name)/\(name == "eth0" ? "flags" : "tun_flags")")
        }
        var neighbour = DomainDescription(uuid: VMUUID(high: 0, low: 9), id: 9, name: "n")
        neighbour.interfaces = [DomainDescription.Interface(device: "vnet2", kind: "bridge")]
        let report = look(subject { $0.taps = ["vnet1", "vnet2"] }, running: [neighbour])
        #expect(report.leftovers.map(\.remedy) == ["ip link delete vnet1"])
        #expect(
            report.notKnown.map(\.why) == [
                "vnet3 belongs to no VM that runs; where it was this one's, --interface vnet3"
            ]
        )
        var asked: Set<String> = []
        var look = TurnoverLook(subject { $0.taps = ["vnet1", "vnet2"] }, roots: roots, running: [neighbour])
        look.lookAtChains { interfaces in
            asked = interfaces
            return .told([TurnoverLimit(what: "bridge filter libvirt-I-vnet1", remedy: "nft …")])
        }
        #expect(asked == ["vnet1"] && look.report.leftovers.map(\.kind) == ["filter chain"])
        look.lookAtChains { _ in .untold("EPERM") }
        #expect(look.report.notKnown.map(\.kind) == ["filter chain"])
        var bare = TurnoverLook(subject(), roots: roots)
        bare.lookAtChains { _ in .untold("never asked") }
        #expect(bare.report.verdict == .clean)
    }

    @Test("GPUs: one that it had, one of nobody known, one that another VM has now, and one that cannot be asked")
    func gpus() {
        for address in ["0000:3b:00.0", "0000:5e:00.0"] {
            let base = "sys/bus/pci/devices/" + address
            tree.write("0x10de\n", to: base + "/vendor")
            tree.write("0x030200\n", to: base + "/class")
            tree.link("../../../drivers/nvidia", to: base + "/driver")
        }
        let limits = { (address: String) -> Told<[TurnoverLimit]> in
            .told([TurnoverLimit(what: "clocks", remedy: "nvidia-smi -i \(address) -rac")])
        }
        var definition = DomainDescription(uuid: uuid, name: "web-1")
        definition.hostPCI = ["0000:3b:00.0"]
        var known = TurnoverLook(subject { $0.definition = definition }, roots: roots)
        known.lookAtGPUs(limits)
        #expect(known.report.leftovers.map(\.remedy) == ["nvidia-smi -i 0000:3b:00.0 -rac"])
        var unknown = TurnoverLook(subject(), roots: roots)
        unknown.lookAtGPUs(limits)
        #expect(unknown.report.leftovers.isEmpty && unknown.report.notKnown.map(\.kind) == ["gpu", "gpu"])
        var neighbour = definition
        neighbour.uuid = VMUUID(high: 0, low: 9)
        var taken = TurnoverLook(subject { $0.definition = definition }, roots: roots, running: [neighbour])
        taken.lookAtGPUs(limits)
        #expect(taken.report.verdict == .clean)
        var mute = TurnoverLook(subject { $0.definition = definition }, roots: roots)
        mute.lookAtGPUs { _ in .untold("NVML is away") }
        #expect(mute.report.verdict == .notKnown)
        mute.lookAtGPUs { _ in .told([]) }
        #expect(mute.report.leftovers.isEmpty)
    }

    @Test("Leases of it alone; and where they cannot be told, it is no clean bill")
    func leases() {
        let lease = { (uuid: VMUUID) in
            TurnoverLease(number: 3, uuid: uuid.description, what: "vcpu.quota", undo: "quell release \(uuid)")
        }
        var look = TurnoverLook(subject(), roots: roots)
        look.lookAtLeases(.told([lease(uuid), lease(VMUUID(high: 0, low: 9))]))
        #expect(look.report.leftovers.map(\.remedy) == ["quell release \(uuid)"])
        var mute = TurnoverLook(subject(), roots: roots)
        mute.lookAtLeases(.untold("locked"))
        #expect(mute.report.verdict == .notKnown)
    }

    @Test("Names that are paths or hold control characters are none, and a shell takes no name as more than a word")
    func hostile() {
        for name in ["", ".", "..", "a/b", "../x", "a\u{1B}[31m", "a\nb", String(repeating: "x", count: 256)] {
            #expect(!TurnoverSubject.isName(name), "\(name.debugDescription)")
        }
        #expect(TurnoverSubject.isName("web 1;$(reboot)'") && TurnoverSubject.isName("büro"))
        let name = "a b;$(reboot)'"
        tree.write("x", to: "var/lib/libvirt/qemu/save/\(name).save")
        let remedy = look(subject(name)).leftovers.first?.remedy
        #expect(remedy == "rm -- '\(tree.path)/var/lib/libvirt/qemu/save/a b;$(reboot)'\\''.save'")
    }

    @Test(
        "Volumes go by the VM's name, whole but for its ending, or by its UUID anywhere in the path",
        arguments: [
            ("web-1", "/img/x", true), ("web-1.qcow2", "/img/x", true), ("web-1.raw", "/img/x", true),
            ("web-1.iso", "/img/x", false), ("web-10", "/img/x", false), ("web-1-data.raw", "/img/x", false),
            ("disk", "/nova/00000000-0000-0000-0000-000000000007/disk", true), ("disk", "/nova/web-1/disk", false),
        ] as [(String, String, Bool)]
    )
    func volumes(name: String, path: String, isMine: Bool) {
        #expect(subject().isVolume(StorageVolume(pool: "p", name: name, path: path)) == isMine)
    }

    @Test("The command that undefines a VM names its TPM only where it has one")
    func undefine() {
        var definition = DomainDescription(uuid: uuid, name: "web-1")
        let words = "virsh undefine \(uuid) --managed-save --snapshots-metadata --checkpoints-metadata --nvram"
        #expect(look(subject { $0.definition = definition }).leftovers.map(\.remedy) == [words])
        definition.safeguards = [.tpm]
        #expect(look(subject { $0.definition = definition }).leftovers.map(\.remedy) == [words + " --tpm"])
    }
}
