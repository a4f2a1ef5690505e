import Enforcement
import HostReaders
import Signals
import Testing

@testable import QuellRuntime

@Suite("What cache groups may use, and what is in the way of them")
struct CachePlanTests {
    /// The plan of a group on a generated host, in one line, or why there is none.
    private func plan(_ group: String = CacheGroups.throttled, _ change: (inout CacheTree.Host) -> Void) -> String {
        var host = CacheTree.Host()
        change(&host)
        let tree = CacheTree(host)
        do throws(ActuatorError) {
            return try CacheHost(roots: tree.roots, isRoot: true).plan(for: group).schemata.line
        } catch {
            return "\(error)"
        }
    }

    /// What is in the way on a generated host.
    private func trouble(
        isRoot: Bool = true,
        _ change: (inout CacheTree.Host) -> Void = { _ in },
        _ prepare: (CacheTree) -> Void = { _ in }
    ) -> String? {
        var host = CacheTree.Host()
        change(&host)
        let tree = CacheTree(host)
        prepare(tree)
        return CacheHost(roots: tree.roots, isRoot: isRoot).trouble?.why
    }

    @Test("half of the ways, low and in a row; the fewest and the least in quarantine")
    func usual() {
        #expect(plan { _ in } == "L3:0=1f;1=1f MB:0=50;1=50")
        #expect(plan(CacheGroups.quarantine) { _ in } == "L3:0=1;1=1 MB:0=10;1=10")
    }

    @Test("code and data apart, L2 beside L3, and domains with gaps in their numbers")
    func codeAndData() {
        let change: (inout CacheTree.Host) -> Void = { host in
            host.info = [:]
            for name in ["L3CODE", "L3DATA", "L2"] {
                host.info[name + "/cbm_mask"] = "ff\n"
                host.info[name + "/min_cbm_bits"] = "2\n"
            }
            host.schemata = "L2:0=ff;8=ff\nL3CODE:0=ff;3=ff\nL3DATA:0=ff;3=ff\n"
        }
        #expect(plan(CacheGroups.throttled, change) == "L2:0=f;8=f L3CODE:0=f;3=f L3DATA:0=f;3=f")
        #expect(plan(CacheGroups.quarantine, change) == "L2:0=3;8=3 L3CODE:0=3;3=3 L3DATA:0=3;3=3")
    }

    @Test("it is counted from what the default group has, and ways of others are not used")
    func narrowed() {
        #expect(plan { $0.schemata = "MB:0=70;1=100\nL3:0=7f0;1=7ff\n" } == "L3:0=70;1=1f MB:0=40;1=50")
        #expect(plan { $0.info["L3/bit_usage"] = "0=XXSSSSSSSEE;1=XXSSSSSPPSS\n" } == "L3:0=7c;1=1f0 MB:0=50;1=50")
    }

    @Test("ways that devices fill are used only where no others are left")
    func shareable() {
        #expect(plan { $0.info["L3/shareable_bits"] = "7\n" } == "L3:0=f8;1=f8 MB:0=50;1=50")
        #expect(plan { $0.info["L3/shareable_bits"] = "7ff\n" } == "L3:0=1f;1=1f MB:0=50;1=50")
    }

    @Test("where half is not to be had in a row the fewest are taken, and without these it is refused")
    func scattered() {
        #expect(plan { $0.schemata = "MB:0=100\nL3:0=155\n" } == "L3:0=1 MB:0=50")
        let refused = plan { host in
            host.schemata = "MB:0=100\nL3:0=155\n"
            host.info["L3/min_cbm_bits"] = "2\n"
        }
        #expect(refused.hasSuffix("L3 0 has no 2 ways in a row to use"))
    }

    @Test("bandwidth alone, in eighths of a GB/s, and never 0")
    func bandwidth() {
        let change: (inout CacheTree.Host) -> Void = { host in
            host.info = ["MB/min_bandwidth": "0\n", "MB/bandwidth_gran": "1\n"]
            host.schemata = "    MB:0=2048;1=  16;2=   1\n"
        }
        #expect(plan(CacheGroups.throttled, change) == "MB:0=1024;1=8;2=1")
        #expect(plan(CacheGroups.quarantine, change) == "MB:0=204;1=1;2=1")
        #expect(plan { $0.schemata = "MB:0=20;1=10\n" } == "MB:0=10;1=10")
    }

    @Test("a bandwidth in MB/s is left alone and said to be; without a cache beside it nothing is done")
    func megabytes() throws {
        var host = CacheTree.Host()
        host.options = "rw,mba_MBps"
        host.schemata = "MB:0=4294967295;1=4294967295\nL3:0=7ff;1=7ff\n"
        let tree = CacheTree(host)
        let plan = try CacheHost(roots: tree.roots, isRoot: true).plan(for: CacheGroups.throttled)
        #expect(plan.schemata.line == "L3:0=1f;1=1f")
        #expect(plan.bandwidthTrouble == CachePlan.inMegabytes)
        let alone = trouble { host in
            host.options = "rw,mba_MBps"
            host.info = ["MB/min_bandwidth": "10\n", "MB/bandwidth_gran": "10\n"]
        }
        #expect(alone == CachePlan.inMegabytes)
    }

    @Test("a default group that has the least already holds nobody back further")
    func nothingLeft() {
        let text = plan(CacheGroups.quarantine) { $0.schemata = "MB:0=10;1=10\nL3:0=1;1=1\n" }
        #expect(text.contains("already has the least"))
    }

    @Test("what is in the way is named")
    func troubles() {
        #expect(trouble() == nil)
        #expect(trouble(isRoot: false)?.contains("only root") == true)
        #expect(trouble({ $0.info = [:] })?.contains("neither cache nor memory bandwidth") == true)
        #expect(trouble({ $0.schemata = "L3:uninitialized\n" })?.contains("neither cache") == true)
        let crowded = trouble({ $0.info["MB/num_closids"] = "2\n" }) { $0.make("qemu-1-a-vcpus_0") }
        #expect(crowded == "no class of service is free: all 2 are in use")
        #expect(trouble({ $0.info["MB/num_closids"] = "2\n" }) { $0.make(CacheGroups.throttled) } == nil)
        let managed = trouble({ _ in }) { tree in
            tree.make("COS1")
            tree.make("qemu-1-a-vcpus_0")
        }
        #expect(managed == "another manager has control groups here: COS1")
        let old = trouble({ _ in }) { tree in
            tree.remove("proc/self/cpu_resctrl_groups")
        }
        #expect(old == "the kernel does not tell which group a thread is in")
        let unmounted = trouble({ _ in }) { tree in
            tree.remove("proc/self/mountinfo")
        }
        #expect(unmounted == "resctrl is not mounted")
    }

    @Test("the lowest bits in a row")
    func lowest() {
        #expect(CachePlan.lowest(3, of: 0b1011_1011) == 0b0011_1000)
        #expect(CachePlan.lowest(32, of: .max) == .max)
        #expect(CachePlan.lowest(4, of: 0b1011_1011) == nil)
        #expect(CachePlan.lowest(0, of: .max) == nil && CachePlan.lowest(33, of: .max) == nil)
    }
}
