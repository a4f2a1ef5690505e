import HostReaders
import Testing

@Suite("Groups of resctrl")
struct ResctrlTreeTests {
    private typealias Place = ResctrlTree.Place

    private let roots = Fixtures.roots("resctrl")
    private var tree: ResctrlTree { ResctrlTree(mountPoint: roots.sys + "/fs/resctrl") }

    @Test("the mount is reached through the roots")
    func mounted() {
        #expect(MountTable(roots: roots).resctrl == tree.mountPoint)
        #expect(MountTable(roots: Fixtures.roots("v2")).resctrl == nil)
    }

    @Test("what the host offers is read, the fewest classes of all resources")
    func info() {
        let info = ResctrlInfo(mountPoint: tree.mountPoint)
        #expect(ResctrlInfo.events.isSubset(of: info.features))
        #expect(info.rmids == 32)
        #expect(info.closids == 8)
    }

    @Test(
        "what is missing or makes no sense is not offered",
        arguments: ["", "-3\n", "0\n", "99999999999\n", "many\n"]
    )
    func infoMalformed(text: String) throws {
        let scratch = try Scratch(copying: "resctrl")
        try scratch.write("sys/fs/resctrl/info/L3_MON/num_rmids", text)
        try scratch.write("sys/fs/resctrl/info/MB/num_closids", text)
        let info = ResctrlInfo(mountPoint: scratch.path + "/sys/fs/resctrl")
        #expect(info.rmids == 0)
        #expect(info.closids == 15)
        #expect(ResctrlInfo(mountPoint: scratch.path + "/none") == ResctrlInfo())
    }

    @Test("groups of all are counted: each control group and each monitoring group takes an id")
    func counts() {
        #expect(tree.controls == ["", "qemu-2-db-vcpus_0-1", "web"])
        #expect(tree.usedClosids == 3)
        #expect(tree.monitors(of: "") == [Place(control: "", monitor: "pqos-77")])
        #expect(tree.usedRMIDs == 5)
        #expect(tree.owned.isEmpty)
    }

    @Test("the kernel's own word on a thread's groups is understood")
    func place() {
        #expect(ResctrlTree.place("res:/\nmon:\n") == Place(control: ""))
        #expect(ResctrlTree.place("res:/\nmon:quell-x\n") == Place(control: "", monitor: "quell-x"))
        #expect(ResctrlTree.place("res:web\nmon:a\n") == Place(control: "web", monitor: "a"))
        for text in ["res:\nmon:\n", "", "mon:a\n", "res:a/b\nmon:\n", "res:..\nmon:\n", "res:/\nmon:../info\n"] {
            #expect(ResctrlTree.place(text) == nil, "\(text)")
        }
    }

    @Test("threads are placed by the kernel's word, else by the tasks of the groups")
    func places() throws {
        let db = "qemu-2-db-vcpus_0-1"
        let expected: [Int32: Place] = [
            900: Place(control: ""), 901: Place(control: db, monitor: "qemu-2-db-vcpus_0"), 902: Place(control: db),
        ]
        #expect(tree.places(of: [900, 901, 902, 999], in: 900, roots: roots) == expected)
        let scratch = try Scratch(copying: "resctrl")
        for thread in 900...902 { try scratch.remove("proc/900/task/\(thread)/cpu_resctrl_groups") }
        let old = ResctrlTree(mountPoint: scratch.path + "/sys/fs/resctrl")
        #expect(old.places(of: [900, 901, 902, 999], in: 900, roots: scratch.roots) == expected)
    }

    @Test("domains are the caches, not their parts under Sub-NUMA Clustering")
    func domains() {
        let clustered = ResctrlTree(mountPoint: Fixtures.roots("resctrl-snc").sys + "/fs/resctrl")
        for tree in [tree, clustered] {
            let data = tree.mountPoint + "/mon_data/"
            #expect(tree.domains(of: Place(control: "")) == [data + "mon_L3_00", data + "mon_L3_01"])
        }
        #expect(tree.domains(of: Place(control: "", monitor: "none")).isEmpty)
    }

    @Test("sweeping removes groups of Quell's and no others")
    func sweep() throws {
        let scratch = try Scratch(copying: "resctrl")
        let tree = ResctrlTree(mountPoint: scratch.path + "/sys/fs/resctrl")
        try scratch.write("sys/fs/resctrl/mon_groups/quell-a/x", "")
        try scratch.remove("sys/fs/resctrl/mon_groups/quell-a/x")
        try scratch.write("sys/fs/resctrl/web/mon_groups/quell-b/x", "")
        try scratch.remove("sys/fs/resctrl/web/mon_groups/quell-b/x")
        #expect(tree.owned.count == 2)
        #expect(tree.sweep(MountedResctrl()) { $0.control == "web" } == 1)
        #expect(tree.owned == [Place(control: "", monitor: "quell-a")])
        #expect(tree.sweep(MountedResctrl()) == 1)
        #expect(tree.monitors(of: "") == [Place(control: "", monitor: "pqos-77")])
    }

    @Test("the real calls say why they fail")
    func calls() throws {
        let scratch = try Scratch(copying: "resctrl")
        let base = scratch.path + "/sys/fs/resctrl"
        let kernel = MountedResctrl()
        #expect(kernel.assign(701, to: base + "/web") == 0)
        #expect(HostDirectory.text(of: base + "/web/tasks")?.hasPrefix("701\n") == true)
        #expect(kernel.assign(701, to: base + "/none") == 2)
        #expect(kernel.makeGroup(base + "/web") == 17)
        #expect(kernel.removeGroup(base + "/none") == 2)
    }
}
