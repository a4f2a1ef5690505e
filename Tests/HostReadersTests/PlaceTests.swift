import Foundation
import HostReaders
import Testing

@Suite("Where threads, disks and interfaces lie")
struct PlaceTests {
    @Test("a thread's CPUs and nodes come from its status")
    func allowed() throws {
        let text = "Name:\tCPU 0/KVM\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,8\nMems_allowed_list:\t1\nx:\t1\n"
        let places = try parse(text) { bytes throws(Malformed) in try AllowedPlaces(bytes) }
        #expect(places.cpus == [0, 1, 2, 8])
        #expect(places.nodes == [1])
        let noNodes = try parse("Cpus_allowed_list:\t3\n") { bytes throws(Malformed) in try AllowedPlaces(bytes) }
        #expect(noNodes.cpus == [3] && noNodes.nodes.isEmpty)
        for bad in ["", "Name:\tx\n", "Cpus_allowed_list:\t\n", "Cpus_allowed_list:\t0-", "Cpus_allowed_list:\t5-2\n"] {
            #expect(attempt(bad) { bytes throws(Malformed) in try AllowedPlaces(bytes) } == nil)
        }
    }

    @Test("a device's number is read within the kernel's bounds")
    func number() {
        let read = { (text: String) in attempt(text) { bytes throws(Malformed) in try BlockDevice(bytes) } }
        #expect(read("259:3\n") == BlockDevice(major: 259, minor: 3))
        #expect(BlockDevice(major: 8, minor: 1).number == 8 << 20 | 1)
        #expect(read("4095:1048575\n") != nil)
        for bad in ["", "8", "8:\n", "8:1", "4096:0\n", "8:1048576\n", "a:b\n"] { #expect(read(bad) == nil) }
    }

    @Test("a partition leads to its disk, a mapped device to all disks that it is made of")
    func disks() throws {
        let tree = try Scratch()
        for (name, text) in [
            ("devices/sda/dev", "8:0\n"), ("devices/sda/sda1/dev", "8:1\n"), ("devices/sda/sda1/partition", "1\n"),
            ("devices/sdb/dev", "8:16\n"), ("devices/dm-0/dev", "253:0\n"),
        ] { try tree.write("sys/" + name, text) }
        try link(tree, "sys/dev/block/8:0", to: "../../devices/sda")
        try link(tree, "sys/dev/block/8:1", to: "../../devices/sda/sda1")
        try link(tree, "sys/dev/block/8:16", to: "../../devices/sdb")
        try link(tree, "sys/dev/block/253:0", to: "../../devices/dm-0")
        try link(tree, "sys/devices/dm-0/slaves/sda1", to: "../../sda/sda1")
        try link(tree, "sys/devices/dm-0/slaves/sdb", to: "../../sdb")
        let sda = BlockDevice(major: 8, minor: 0)
        let sdb = BlockDevice(major: 8, minor: 16)
        #expect(sda.disks(tree.roots) == [sda])
        #expect(BlockDevice(major: 8, minor: 1).disks(tree.roots) == [sda])
        #expect(BlockDevice(major: 253, minor: 0).disks(tree.roots) == [sda, sdb])
        #expect(BlockDevice(major: 9, minor: 9).disks(tree.roots) == [])
        try tree.remove("sys/devices/sdb/dev")
        #expect(BlockDevice(major: 253, minor: 0).disks(tree.roots) == [])
    }

    @Test("what stands on itself has no disk and no end")
    func loop() throws {
        let tree = try Scratch()
        try tree.write("sys/devices/dm-0/dev", "253:0\n")
        try link(tree, "sys/dev/block/253:0", to: "../../devices/dm-0")
        try link(tree, "sys/devices/dm-0/slaves/dm-0", to: "../../dm-0")
        #expect(BlockDevice(major: 253, minor: 0).disks(tree.roots) == [])
    }

    @Test("an interface hangs on its bridge and on the uplinks behind it, two bridges on one uplink share that")
    func links() throws {
        let tree = try Scratch()
        for (name, text) in [
            ("vnet0/ifindex", "10\n"), ("vnet1/ifindex", "11\n"), ("vnet2/ifindex", "12\n"), ("br0/ifindex", "3\n"),
            ("br1/ifindex", "4\n"), ("eth0/ifindex", "2\n"), ("eth0/device/x", "\n"), ("eth0.7/ifindex", "5\n"),
            ("macvtap0/ifindex", "13\n"),
        ] { try tree.write("sys/class/net/" + name, text) }
        for (name, target) in [
            ("vnet0/master", "../br0"), ("vnet1/master", "../br1"), ("br0/brif/eth0", "../../eth0"),
            ("br0/brif/vnet0", "../../vnet0"), ("br1/brif/eth0.7", "../../eth0.7"), ("eth0.7/lower_eth0", "../eth0"),
            ("macvtap0/lower_eth0", "../eth0"),
        ] { try link(tree, "sys/class/net/" + name, to: target) }
        var places = InterfacePlace(tree.roots)
        #expect(places.links(of: "vnet0") == [2, 3])
        #expect(places.links(of: "vnet1") == [2, 4])
        #expect(places.links(of: "macvtap0") == [2])
        #expect(places.links(of: "vnet2") == [])
        for hostile in ["", "..", "a/b", "gone"] { #expect(places.links(of: hostile) == []) }
    }

    @Test("CPUs lead to their last-level caches and nodes; what is not known of one is not known of all")
    func topology() throws {
        let tree = try Scratch()
        try tree.write("sys/devices/system/cpu/online", "0-2\n")
        for cpu in 0..<2 {
            let base = "sys/devices/system/cpu/cpu\(cpu)/cache/"
            try tree.write(base + "index0/level", "1\n")
            try tree.write(base + "index0/id", "\(cpu)\n")
            try tree.write(base + "index3/level", "3\n")
            try tree.write(base + "index3/shared_cpu_list", "\(cpu)\n")
            if cpu == 0 { try tree.write(base + "index3/id", "7\n") }
        }
        try tree.write("sys/devices/system/node/node1/cpulist", "0-2\n")
        let topology = HostTopology(tree.roots)
        #expect(topology.caches == [0: 7, 1: 1])
        #expect(topology.caches(of: [0, 1]) == [1, 7])
        #expect(topology.caches(of: [0, 2]) == [])
        #expect(topology.nodes(of: [0, 2]) == [1])
        #expect(HostTopology(try Scratch().roots) == HostTopology())
    }

    @Test("a file lies on the device of its file system, a path that is not there on none")
    func behind() throws {
        #expect(BlockDevice(behind: "/no/such/path") == nil)
        #expect(BlockDevice(behind: "/proc/self/status") == nil)
    }

    private func link(_ tree: Scratch, _ name: String, to target: String) throws {
        let path = URL(fileURLWithPath: tree.path + "/" + name)
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: target)
    }
}
