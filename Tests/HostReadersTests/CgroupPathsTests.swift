import HostReaders
import Testing

@testable import HostReaders

@Suite("Cgroups of a VM")
struct CgroupPathsTests {
    private let unified = "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"

    /// Resolves a group in a scratch v2 tree that holds `directory`.
    private func resolve(_ group: String, mounts: String? = nil, directory: String = "") throws -> CgroupPaths {
        let scratch = try Scratch()
        try scratch.write("sys/fs/cgroup" + directory + "/cgroup.procs", "7\n")
        try scratch.write("proc/7/cgroup", "0::" + group + "\n")
        let table = MountTable(mounts ?? unified, roots: scratch.roots)
        return CgroupPaths.resolve(pid: 7, mounts: table, roots: scratch.roots)
    }

    @Test("a systemd scope on v2 is found, with its vCPUs below `libvirt`")
    func v2() {
        let roots = Fixtures.roots("v2")
        let found = CgroupPaths.resolve(pid: 4_242, mounts: MountTable(roots: roots), roots: roots)
        let scope = roots.cgroup + #"/machine.slice/machine-qemu\x2d1\x2dvm\x2db.scope"#
        #expect(found.unified == scope)
        #expect(found.cpu == nil)
        #expect(found.problems.isEmpty)
        #expect(found.vcpuGroups.map(\.directory) == [scope + "/libvirt/vcpu0", scope + "/libvirt/vcpu1"])
        #expect(found.vcpuGroups.flatMap(\.threads) == [4_250, 4_251])
    }

    @Test("a hybrid host gives v1 groups and the bare v2 group, and says that cpuacct has none")
    func hybrid() {
        let roots = Fixtures.roots("hybrid")
        let found = CgroupPaths.resolve(pid: 20_169, mounts: MountTable(roots: roots), roots: roots)
        let scope = "/machine/qemu-1-vm-a.libvirt-qemu"
        #expect(found.unified == roots.cgroup + "/unified" + scope)
        #expect(found.cpu == roots.cgroup + "/cpu" + scope)
        #expect(found.memory == roots.cgroup + "/memory" + scope)
        #expect(found.blkio == roots.cgroup + "/blkio" + scope)
        #expect(found.cpuacct == nil)
        #expect(found.problems == [.rootGroup(tree: "cgroup v1 cpuacct")])
        #expect(found.vcpuGroups.map(\.directory) == [roots.cgroup + "/cpu" + scope + "/vcpu0"])
        #expect(found.vcpuGroups.flatMap(\.threads) == [20_173])
    }

    @Test("the v1 group of the pids controller is found where the VM has its own, and is no problem where not")
    func pids() throws {
        let scratch = try Scratch()
        let mounts = "32 31 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
        let table = MountTable(mounts, roots: scratch.roots)
        try scratch.write("sys/fs/cgroup/pids/machine.slice/machine-qemu-1.scope/cgroup.procs", "7\n")
        try scratch.write("proc/7/cgroup", "3:pids:/machine.slice/machine-qemu-1.scope\n")
        let own = CgroupPaths.resolve(pid: 7, mounts: table, roots: scratch.roots)
        #expect(own.pids == scratch.roots.cgroup + "/pids/machine.slice/machine-qemu-1.scope")
        try scratch.write("proc/7/cgroup", "3:pids:/\n")
        let root = CgroupPaths.resolve(pid: 7, mounts: table, roots: scratch.roots)
        #expect(root.pids == nil && root.problems.isEmpty)
    }

    @Test("controllers on one mount are both found, in either order")
    func comounted() {
        let roots = Fixtures.roots("v1")
        let found = CgroupPaths.resolve(pid: 777, mounts: MountTable(roots: roots), roots: roots)
        let scope = roots.cgroup + #"/cpu,cpuacct/machine.slice/machine-qemu\x2d3\x2dold.scope"#
        #expect(found.cpu == scope)
        #expect(found.cpuacct == scope)
        #expect(found.unified == nil)
    }

    @Test("a custom partition is followed, not guessed")
    func partition() throws {
        let found = try resolve("/custom/qemu-1-x.libvirt-qemu/vcpu0", directory: "/custom/qemu-1-x.libvirt-qemu")
        #expect(found.unified?.hasSuffix("/sys/fs/cgroup/custom/qemu-1-x.libvirt-qemu") == true)
    }

    @Test("a VM that is named like a part of libvirt's tree keeps its own group")
    func confusingName() {
        #expect(CgroupPaths.stripped("/machine/vcpu0/libvirt/vcpu3").path == "/machine/vcpu0")
        #expect(CgroupPaths.stripped("/a/emulator").path == "/a")
        #expect(CgroupPaths.stripped("/a/vcpux").path == "/a/vcpux")
        #expect(CgroupPaths.stripped("/").path == "/")
    }

    @Test("a group of its own without libvirt's shape is used, a shared one is not")
    func ownOrShared() throws {
        #expect(try resolve("/kubepods/pod1", directory: "/kubepods/pod1").unified != nil)
        let scratch = try Scratch()
        try scratch.write("sys/fs/cgroup/user.slice/cgroup.procs", "7\n8\n")
        try scratch.write("proc/7/cgroup", "0::/user.slice\n")
        let table = MountTable(unified, roots: scratch.roots)
        let found = CgroupPaths.resolve(pid: 7, mounts: table, roots: scratch.roots)
        #expect(found.isEmpty)
        #expect(found.problems == [.shared(tree: "cgroup v2", path: "/user.slice")])
    }

    @Test("a deleted group, the root group and a group out of sight are said and not used")
    func unusable() throws {
        #expect(try resolve("/a.scope (deleted)").problems == [.deleted(tree: "cgroup v2", path: "/a.scope")])
        #expect(try resolve("/").problems == [.rootGroup(tree: "cgroup v2")])
        #expect(
            try resolve("/../../machine.slice/a.scope").problems
                == [.outsideNamespace(tree: "cgroup v2", path: "/../../machine.slice/a.scope")]
        )
        #expect(try resolve("/a", mounts: "").problems == [.notMounted(tree: "cgroup v2")])
        let gone = try resolve("/machine-qemu-gone")
        guard case .noDirectory = gone.problems.first else {
            Issue.record("\(gone.problems)")
            return
        }
    }

    @Test("a mount that shows a part of the tree takes that part off the path")
    func mountRoot() throws {
        let mounts = "1 0 0:1 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
        let found = try resolve(
            "/../../machine.slice/machine-qemu-1",
            mounts: mounts,
            directory: "/machine.slice/machine-qemu-1"
        )
        #expect(found.unified?.hasSuffix("/sys/fs/cgroup/machine.slice/machine-qemu-1") == true)
    }

    @Test("the mount table survives escapes, optional fields and lines that make no sense")
    func mountTable() {
        let text = #"""
            rubbish
            1 2 3
            30 23 0:26 / /sys/fs/cgroup/a\040b rw shared:4 master:1 - cgroup2 cgroup2 rw
            31 23 0:26 / /elsewhere/cpu rw - cgroup cgroup rw,cpu,cpuacct
            32 23 0:27 / /sys/fs/resctrl rw - resctrl resctrl rw
            33 - - -
            """#
        let table = MountTable(text, roots: HostRoots(cgroup: "/fixture"))
        #expect(table.trees.map(\.mountPoint) == ["/fixture/a b", "/elsewhere/cpu"])
        #expect(table.trees.last?.controllers == ["rw", "cpu", "cpuacct"])
        #expect(table.resctrl == "/sys/fs/resctrl")
    }

    @Test("a process that is gone is unreadable")
    func noProcess() {
        let roots = Fixtures.roots("v2")
        let found = CgroupPaths.resolve(pid: 1, mounts: MountTable(roots: roots), roots: roots)
        #expect(found.problems == [.unreadable(pid: 1)])
    }
}
