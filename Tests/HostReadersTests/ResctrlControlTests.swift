import HostReaders
import Testing

@Suite("What resctrl shares out")
struct ResctrlControlTests {
    private let mount = Fixtures.roots("resctrl").sys + "/fs/resctrl"

    /// One line of a file, read.
    private func line(_ resource: String, _ values: [(Int, UInt32)]) -> ResctrlSchemata.Line {
        .init(resource: resource, values: values.map { .init(domain: $0.0, value: $0.1) })
    }

    @Test("masks are hexadecimal, bandwidths decimal, and both may be padded")
    func schemata() throws {
        let schemata = try #require(ResctrlTree(mountPoint: mount).schemata(of: "web"))
        #expect(schemata.lines == [line("MB", [(0, 100), (1, 100)]), line("L3", [(0, 0x7ff), (1, 0x7ff)])])
        #expect(schemata.text == "MB:0=100;1=100\nL3:0=7ff;1=7ff\n")
        let other = try #require(ResctrlSchemata("  SMBA:0=2048\n    MB:0=4294967295;3=  16\nL3CODE:0=fffff\n"))
        #expect(other["MB"] == line("MB", [(0, .max), (3, 16)]))
        #expect(other["L3CODE"] == line("L3CODE", [(0, 0xfffff)]))
        #expect(other["L3"] == nil)
        #expect(ResctrlTree(mountPoint: mount).schemata(of: "none") == nil)
    }

    @Test(
        "anything else is not understood",
        arguments: [
            "", "\n", "L3:uninitialized\n", "L3:\n", "L3\n", ":0=1\n", "L3:0\n", "L3:0=\n", "L3:=1\n", "L3:0=g\n",
            "L3:0=-1\n", "L3:+0=1\n", "L3:0=1;\n", "L3:0=1;0=1\n", "L3:1=1;0=1\n", "L3:0=1\nL3:1=1\n", "L3:0=1=1\n",
            "L3:0=100000000\n", "MB:0=4294967296\n", "MB:2147483648=1\n", "MB:0=0x10\n", "L3:0=1:2\n", "L3 :0=1\n",
        ]
    )
    func malformed(text: String) {
        #expect(ResctrlSchemata(text) == nil)
    }

    @Test("resources are those that info describes, with what of it is there")
    func resources() throws {
        #expect(
            ResctrlResource.all(mountPoint: mount) == [
                ResctrlResource(name: "L3", kind: .cache(.init(all: 0x7ff))),
                ResctrlResource(name: "MB", kind: .bandwidth(.init(least: 10, step: 10))),
            ]
        )
        let scratch = try Scratch(copying: "resctrl")
        let info = "sys/fs/resctrl/info/"
        try scratch.write(info + "L3/min_cbm_bits", "2\n")
        try scratch.write(info + "L3/shareable_bits", "600\n")
        try scratch.write(info + "L3/bit_usage", "0=XXSSSSSSSEE;1=XX0SSSSSSSS\n")
        try scratch.write(info + "MB/bandwidth_gran", "many\n")
        let ways = ResctrlResource.Ways(all: 0x7ff, fewest: 2, shareable: 0x600, taken: [0: 3, 1: 0])
        let resources = ResctrlResource.all(mountPoint: scratch.path + "/sys/fs/resctrl")
        #expect(resources == [ResctrlResource(name: "L3", kind: .cache(ways))])
        try scratch.write(info + "L3/cbm_mask", "0\n")
        #expect(ResctrlResource.all(mountPoint: scratch.path + "/sys/fs/resctrl").isEmpty)
    }

    @Test("ways that are exclusive or pseudo-locked are taken, the highest first in the text")
    func usage() {
        #expect(ResctrlResource.taken("0=EXS0;12=HPSE\n") == [0: 0b1000, 12: 0b0101])
        let long = String(repeating: "E", count: 33)
        for text in ["", "0=\n", "0\n", "=E\n", "0=E;0=E\n", "0=e\n", "-1=E\n", "0=\(long)\n"] {
            #expect(ResctrlResource.taken(text) == nil, "\(text)")
        }
    }

    @Test("the mount's options and the kernel's word on what failed")
    func mountAndStatus() throws {
        let line = "40 23 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw,cdp,mba_MBps\n"
        let roots = Fixtures.roots("resctrl")
        #expect(MountTable(line, roots: roots).resctrlOptions == ["rw", "cdp", "mba_MBps"])
        #expect(ResctrlTree(mountPoint: mount).lastStatus.isEmpty)
        let scratch = try Scratch(copying: "resctrl")
        try scratch.write("sys/fs/resctrl/info/last_cmd_status", "Out of CLOSIDs\nand more\n")
        #expect(ResctrlTree(mountPoint: scratch.path + "/sys/fs/resctrl").lastStatus == "Out of CLOSIDs and more")
        try scratch.write("sys/fs/resctrl/info/last_cmd_status", String(repeating: "x", count: 5_000))
        #expect(ResctrlTree(mountPoint: scratch.path + "/sys/fs/resctrl").lastStatus.count == 200)
    }

    @Test("schemata are written as they are, and a group that is gone is told")
    func share() throws {
        let scratch = try Scratch(copying: "resctrl")
        let base = scratch.path + "/sys/fs/resctrl"
        let schemata = ResctrlSchemata([line("L3", [(0, 0x1f), (1, 0x1f)])])
        #expect(MountedResctrl().share(schemata, to: base + "/web") == 0)
        #expect(HostDirectory.text(of: base + "/web/schemata")?.hasPrefix("L3:0=1f;1=1f\n") == true)
        #expect(MountedResctrl().share(schemata, to: base + "/none") == 2)
        #expect(MountedResctrl.isWritable(base) && !MountedResctrl.isWritable(base + "/none"))
    }
}
