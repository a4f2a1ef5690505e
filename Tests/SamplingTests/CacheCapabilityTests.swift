import Foundation
import HostReaders
import Signals
import Testing

@testable import Sampling

@Suite("Capabilities of cache, bandwidth and counters")
struct CacheCapabilityTests {
    private static let groups: [Signal] = [.llcOccupancy, .mbmTotal, .mbmLocal]
    private static let all: [Signal] = groups + [.hostFreeCLOS, .hostFreeRMIDs]

    private func judged(_ signal: Signal, _ facts: HostFacts) throws -> Capability {
        try #require(CapabilityProbe.judge(facts).first { $0.signal == signal })
    }

    /// What is said of a signal that is not available.
    private func lack(_ signal: Signal, _ facts: HostFacts) throws -> (why: String, remedy: String) {
        let capability = try judged(signal, facts)
        guard case .notAvailable(let why) = capability.state else {
            Issue.record("\(signal): \(capability.state)")
            return ("", "")
        }
        return (why, capability.remedy ?? "")
    }

    /// A host with resctrl mounted, and nothing missing.
    private var rich: HostFacts {
        var facts = HostFacts()
        facts.resctrl = "/sys/fs/resctrl"
        facts.resctrlInfo.features = ResctrlInfo.events
        facts.resctrlInfo.rmids = 208
        facts.resctrlInfo.closids = 16
        facts.mayMonitor = true
        facts.perfParanoid = 2
        facts.mayCountOthers = true
        facts.hasPMU = true
        facts.hasUnified = true
        facts.onlineCPUs = 64
        return facts
    }

    @Test("a host with all of it gives all of it, counters in turns")
    func richHost() throws {
        for signal in Self.all { #expect(try judged(signal, rich).state == .available) }
        #expect(try judged(.mbmTotal, rich).source.contains("208"))
        for signal in [Signal.perfCPI, .perfLLCMissRate] {
            guard case .degraded(let how) = try judged(signal, rich).state else {
                Issue.record("\(signal)")
                continue
            }
            #expect(how.contains("8 VMs at a time"))
        }
    }

    @Test("without resctrl the first thing that is missing is named: the CPU's flag, the kernel's option, the mount")
    func unmounted() throws {
        var facts = HostFacts()
        for signal in Self.all { #expect(try lack(signal, facts).why.hasPrefix("the CPU does not have")) }
        facts.cpuFlags = ["rdt_a", "cqm", "cqm_occup_llc", "cqm_mbm_total", "cqm_mbm_local"]
        for signal in Self.all { #expect(try lack(signal, facts).remedy.contains("CONFIG_X86_CPU_RESCTRL")) }
        facts.knowsResctrl = true
        for signal in Self.all { #expect(try lack(signal, facts).remedy.contains("mount -t resctrl")) }
    }

    @Test("mounted, what counts is what the kernel lists, not the flags")
    func mounted() throws {
        var facts = rich
        facts.resctrlInfo.features = ["llc_occupancy"]
        #expect(try judged(.llcOccupancy, facts).state == .available)
        #expect(try lack(.mbmTotal, facts).why.contains("mon_features has no mbm_total_bytes"))
        #expect(try lack(.mbmLocal, facts).remedy.contains("rdt=mbmlocal"))
        facts.resctrlInfo.closids = nil
        facts.resctrlInfo.rmids = 0
        #expect(try lack(.hostFreeCLOS, facts).why.contains("controls neither"))
        #expect(try lack(.hostFreeRMIDs, facts).why.contains("monitors neither"))
    }

    @Test("without root only what libvirt monitors is read; free ids are still counted")
    func unprivileged() throws {
        var facts = rich
        facts.mayMonitor = false
        for signal in Self.groups {
            guard case .degraded(let why) = try judged(signal, facts).state else {
                Issue.record("\(signal)")
                continue
            }
            #expect(why.contains("only root"))
            #expect(try judged(signal, facts).remedy?.contains("root") == true)
        }
        #expect(try judged(.hostFreeRMIDs, facts).state == .available)
    }

    @Test("counters: each thing that can be missing is named, with its remedy")
    func counters() throws {
        var facts = rich
        facts.mayCountOthers = false
        for paranoid in [1, 2, 3] {
            facts.perfParanoid = paranoid
            #expect(try lack(.perfCPI, facts).why.contains("perf_event_paranoid is \(paranoid)"))
            #expect(try lack(.perfCPI, facts).remedy.contains("CAP_PERFMON"))
        }
        facts.perfParanoid = 0
        guard case .degraded = try judged(.perfCPI, facts).state else {
            Issue.record("paranoid 0")
            return
        }
        facts.hasUnified = false
        #expect(try lack(.perfCPI, facts).remedy.contains("perf_event"))
        facts.legacyControllers = ["perf_event"]
        guard case .degraded = try judged(.perfLLCMissRate, facts).state else {
            Issue.record("v1")
            return
        }
        facts.onlineCPUs = 513
        #expect(try lack(.perfCPI, facts).why.contains("513 CPUs"))
        facts.hasPMU = false
        #expect(try lack(.perfCPI, facts).why.contains("performance counters are not there"))
        facts.perfParanoid = nil
        #expect(try lack(.perfCPI, facts).remedy.contains("CONFIG_PERF_EVENTS"))
    }

    @Test("the facts are read from the host's files")
    func facts() throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let roots = HostRoots(tree: fixtures.path + "/HostReadersTests/Fixtures/resctrl")
        let facts = HostFacts(probing: roots, libvirt: .reachable)
        #expect(facts.resctrl == roots.sys + "/fs/resctrl" && facts.knowsResctrl)
        #expect(facts.resctrlInfo.rmids == 32 && facts.resctrlInfo.closids == 8)
        #expect(!facts.mayCountOthers && facts.onlineCPUs == 1)
    }

    @Test(
        "the right to count others is one of two bits of CapEff",
        arguments: [
            ("CapEff:\t0000004000000000\n", true), ("CapEff:\t0000000000200000\n", true),
            ("CapEff:\t000001ffffffffff\n", true), ("CapEff:\t0000000000080000\n", false),
            ("CapPrm:\t000001ffffffffff\n", false), ("CapEff:\n", false), ("CapEff:\tzz\n", false), ("", false),
        ]
    )
    func capEff(text: String, expected: Bool) throws {
        let tree = try HostTree("v2")
        try Data(("Name:\tx\n" + text).utf8).write(to: URL(fileURLWithPath: tree.path + "/proc/self/status"))
        #expect(HostFacts.mayCountOthers(tree.roots) == expected)
    }
}
