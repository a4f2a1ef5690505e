internal import Exposition
internal import HostReaders
internal import Signals

extension FuzzParser {
    /// Texts that are read where a VM is set up.
    static let setUpTexts: [FuzzParser] = [
        .text(
            "mountinfo",
            [
                "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
                    + "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
                "31 23 0:28 /a /sys/fs/cgroup/cpu,cpuacct rw master:5 propagate_from:2 - cgroup cgroup rw,cpu,cpuacct\n"
                    + "40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw\n",
                "30 23 0:26 / /mnt/with\\040blank\\134 rw - cgroup2 none rw\n",
            ],
            words: [" - ", "\\040", "\\777", "\\", "cgroup", "cgroup2", "resctrl", "/sys/fs/cgroup"]
        ) { text in
            let table = MountTable(text, roots: HostRoots(tree: "/nowhere"))
            return !table.trees.isEmpty || table.resctrl != nil
        },
        FuzzParser(
            "proc-cgroup",
            seeds: [
                #"0::/machine.slice/machine-qemu\x2d1\x2dvm\x2db.scope/libvirt/emulator"# + "\n",
                "5:cpu,cpuacct:/machine/qemu-1-vm-a.libvirt-qemu/vcpu0\n4:memory:/machine/qemu-1-vm-a.libvirt-qemu\n"
                    + "0::/\n",
                "0::/../../a:b/machine-qemu (deleted)\n",
            ].map { Array($0.utf8) },
            words: ["..", "/libvirt", "/emulator", "/vcpu7", "/iothread1", " (deleted)", "cpu", "blkio", "::", "//"],
            weight: 200,
            longest: 1 << 14,
            feed: feedCgroup
        ),
        .text("thread-name", ["CPU 0/KVM", "CPU 13/TCG", "ALL CPUs/TCG"], words: ["CPU ", "/KVM", "65536"]) { text in
            QEMUThreads.vcpu(text) != nil
        },
        .text(
            "swaps",
            [
                "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                    + "/dev/dm-1                               partition\t8388604\t\t1024\t\t-2\n"
            ],
            words: ["Filename", "partition", "file", "\\040", "18446744073709551615"]
        ) { text in
            SwapArea.all(text)?.isEmpty == false
        },
        .text("interface-name", ["vnet0", "abcdefghijklmno"]) { InterfaceName($0) != nil },
        .text(
            "accept-header",
            ["application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"],
            words: [
                "application/openmetrics-text", "text/plain", "*/*", ";q=", ";version=1.0.0", ",", "nan", "1e999", "\"",
            ]
        ) { text in ExpositionFormat(accept: text) == .openMetrics },
        .text("vm-uuid", ["8e5a4d1c-7a53-4a52-9d0e-3f0b5c1d2e6f", "00000000-0000-0000-0000-000000000000"]) { text in
            VMUUID(text) != nil
        },
    ]

    /// The mounts that the groups of a process are looked for in.
    private static let mounts = MountTable(
        "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
            + "31 23 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
            + "32 23 0:29 /machine /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
        roots: HostRoots(tree: "/nowhere")
    )

    /// Feeds `/proc/<pid>/cgroup`; nothing that it names is there, so each line that counts ends as a problem.
    @Sendable
    private static func feedCgroup(_ bytes: [UInt8]) -> FuzzOutcome {
        let found = CgroupPaths.resolve(String(decoding: bytes, as: UTF8.self), pid: 4_242, mounts: mounts)
        guard found.isEmpty else { return .broken("a group is found where no directory is") }
        for case .noDirectory(_, let path) in found.problems {
            let parts = path.split(separator: "/")
            if !path.hasPrefix("/nowhere/sys/fs/cgroup/") || parts.contains("..") {
                return .broken("\(path) leads out of the tree")
            }
        }
        return found.problems.isEmpty ? .refused : .taken
    }
}
