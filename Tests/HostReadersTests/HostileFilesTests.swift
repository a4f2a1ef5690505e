import HostReaders
import Testing

@Suite("Committed files that are cut, malformed or hostile")
struct HostileFilesTests {
    /// Whether the parser of a file refuses it.
    private func isRefused(_ name: String) throws -> Bool {
        let bytes = try Fixtures.malformed(name)
        do {
            switch name.split(separator: ".").dropLast().joined(separator: ".") {
            case "cpu.stat": _ = try CPUStat(bytes.span)
            case "cpuacct.stat": _ = try CPUAcctStat(bytes.span)
            case "pressure": _ = try Pressure(bytes.span)
            case "schedstat": _ = try SchedStat(bytes.span)
            case "memory.stat": _ = try MemoryStat(bytes.span)
            case "memory.events": _ = try OOMEvents(bytes.span)
            case "memory.current": _ = try SingleValue(bytes.span)
            case "io": _ = try ProcessIO(bytes.span)
            case "loadavg": _ = try LoadAverage(bytes.span)
            case "stat": _ = try ProcessStat(bytes.span)
            default: Issue.record("no parser for \(name)")
            }
            return false
        } catch {
            return true
        }
    }

    @Test(
        "a whole file that makes no sense is refused",
        arguments: [
            "cpu.stat.crlf", "cpu.stat.nul", "cpu.stat.negative", "cpu.stat.fraction", "cpu.stat.truncated",
            "cpu.stat.overflow", "cpu.stat.words", "cpu.stat.empty", "cpuacct.stat.cut", "cpuacct.stat.swapped",
            "pressure.full-cut", "pressure.crlf", "pressure.swapped", "pressure.no-total", "pressure.cut",
            "schedstat.blank-line", "schedstat.cut", "schedstat.overflow", "schedstat.empty", "schedstat.two",
            "schedstat.negative", "memory.stat.cut", "memory.stat.layout", "memory.stat.unknown",
            "memory.events.words", "memory.current.cut", "memory.current.rubbish-behind", "io.cut", "io.hexadecimal",
            "loadavg.cut", "stat.no-name", "stat.start-cut", "stat.short",
        ]
    )
    func refused(name: String) throws {
        #expect(try isRefused(name))
    }

    @Test("of a key that is there twice the last counts, and unknown keys are passed over")
    func doubledKeys() throws {
        let bytes = try Fixtures.malformed("cpu.stat.doubled")
        let stat = try CPUStat(bytes.span)
        #expect(stat.usage == 9_000 && stat.user == 4_000 && stat.system == 3_000)
    }

    @Test("of blkio's lines those that make no sense are left out, and the first of them is named")
    func blkIO() throws {
        let bytes = try Fixtures.malformed("blkio.mixed")
        var lines = BlkIOLines()
        var values: [UInt64] = []
        while let entry = lines.next(bytes.span) { values.append(entry.value) }
        #expect(values == [4_096, 7])
        #expect(lines.malformed == Malformed(at: 14))
    }

    @Test("interfaces without a name or with a number that is cut, negative or too large are left out")
    func interfaces() throws {
        let bytes = try Fixtures.malformed("net-dev.hostile")
        var lines = NetworkDeviceLines()
        let device = lines.next(bytes.span)
        #expect(device == nil)
        #expect(lines.malformed == Malformed(at: 6))
    }

    @Test("mounts with too few fields are left out, and escapes that are none stay as they are")
    func mounts() throws {
        let text = String(decoding: try Fixtures.malformed("mountinfo.hostile"), as: UTF8.self)
        let table = MountTable(text, roots: HostRoots())
        #expect(table.trees.map(\.mountPoint) == [#"/\777\04"#, "/a b"])
        #expect(table.trees.map { $0.controllers.contains("cpu") } == [false, true])
    }

    @Test("a group that climbs out of the tree, or that is deleted, is a problem, and lines that are none are left out")
    func groups() throws {
        let text = String(decoding: try Fixtures.malformed("cgroup.hostile"), as: UTF8.self)
        let mounts = MountTable(
            "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n31 23 0:27 / /c rw - cgroup cgroup rw,cpu\n",
            roots: HostRoots(tree: "/nowhere")
        )
        let found = CgroupPaths.resolve(text, pid: 1, mounts: mounts)
        #expect(found.isEmpty)
        #expect(
            found.problems == [
                .outsideNamespace(tree: "cgroup v2", path: "/../../etc"), .deleted(tree: "cgroup v1 cpu", path: "/a:b"),
            ]
        )
    }
}
