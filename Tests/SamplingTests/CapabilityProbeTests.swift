import Foundation
import HostReaders
import Sampling
import Signals
import Testing

@Suite("Capabilities")
struct CapabilityProbeTests {
    private func state(_ signal: Signal, _ facts: HostFacts) -> Capability.State? {
        CapabilityProbe.judge(facts).first { $0.signal == signal }?.state
    }

    private func isAvailable(_ signal: Signal, _ facts: HostFacts) -> Bool { state(signal, facts) == .available }

    @Test(
        "every signal is judged exactly once, on every kind of host",
        arguments: ["v2", "hybrid", "v1", "malformed", "none"]
    )
    func complete(tree: String) throws {
        let roots =
            tree == "v2" || tree == "hybrid" || tree == "v1" ? try HostTree(tree).roots : HostRoots(tree: "/none")
        let judged = CapabilityProbe.probe(roots, libvirt: .unreachable("no socket"))
        #expect(judged.map(\.signal) == Signal.allCases)
        #expect(judged.allSatisfy { !$0.source.isEmpty })
    }

    @Test("a v2 host gives the kernel tier")
    func v2() throws {
        let tree = try HostTree("v2")
        let facts = HostFacts(probing: tree.roots, libvirt: .reachable)
        #expect(facts.hasUnified && facts.unifiedControllers.contains("io") && facts.psi == .present)
        for signal in [
            Signal.cpuUsage, .cpuThrottled, .cpuRunDelay, .cpuPressureFull, .memRSS, .memOOMEvents,
            .diskReadOps, .ioPressureSome, .netDrops, .hostRunQueue, .diskLatency, .agentCPU,
        ] {
            #expect(isAvailable(signal, facts), "\(signal)")
        }
        guard case .degraded = state(.netMulticast, facts) else {
            Issue.record("multicast")
            return
        }
    }

    @Test("a hybrid host gives requests from libvirt alone, and a v1 host no pressure of VMs")
    func legacy() throws {
        let hybridTree = try HostTree("hybrid")
        let hybrid = HostFacts(probing: hybridTree.roots, libvirt: .reachable)
        guard case .degraded = state(.diskReadOps, hybrid) else {
            Issue.record("requests")
            return
        }
        #expect(isAvailable(.cpuPressureSome, hybrid))
        let oldTree = try HostTree("v1")
        let old = HostFacts(probing: oldTree.roots, libvirt: .reachable)
        #expect(isAvailable(.hostCPUPressure, old))
        guard case .notAvailable(let why) = state(.cpuPressureSome, old) else {
            Issue.record("pressure")
            return
        }
        #expect(why.contains("cgroup v2"))
    }

    @Test("pressure that is switched off names the boot parameter")
    func pressureOff() {
        var facts = HostFacts()
        facts.hasUnified = true
        for psi in [HostFacts.PSI.disabled, .absent] {
            facts.psi = psi
            let judged = CapabilityProbe.judge(facts).first { $0.signal == .cpuPressureSome }
            #expect(judged?.remedy?.contains("psi=1") == true)
            #expect(judged?.state != .available)
        }
        facts.psi = .present
        #expect(isAvailable(.cpuPressureSome, facts))
    }

    @Test("a signal whose reader is not written is not available, however rich the host")
    func unread() {
        var facts = HostFacts()
        facts.cpuFlags = ["rdt_a", "cqm", "cqm_occup_llc", "cqm_mbm_total", "cqm_mbm_local", "split_lock_detect"]
        facts.knowsResctrl = true
        facts.resctrl = "/sys/fs/resctrl"
        facts.perfParanoid = 0
        facts.hasPMU = true
        facts.hasNVML = true
        facts.hasNVIDIADevice = true
        for signal in [Signal.llcOccupancy, .perfCPI, .gpuPower] {
            guard case .notAvailable(let why) = state(signal, facts) else {
                Issue.record("\(signal)")
                continue
            }
            #expect(why.contains("not read by this version") && !why.contains("also"), "\(why)")
        }
        facts.hasPMU = false
        guard case .notAvailable(let why) = state(.perfCPI, facts) else {
            Issue.record("perf")
            return
        }
        #expect(why.contains("performance counters are not there"))
    }

    @Test("without libvirt its tier is not available and says why")
    func noLibvirt() {
        var facts = HostFacts()
        #expect(isAvailable(.diskLatency, facts))
        facts.libvirt = .unreachable("connection refused")
        for signal in [
            Signal.diskLatency, .memBalloonUsable, .libvirtLatency, .libvirtJobAge, .kvmExits, .memDirtyRate,
        ] {
            #expect(state(signal, facts) == .notAvailable("libvirt cannot be asked: connection refused"))
        }
    }

    private static let kvm: [Signal] = [.kvmExits, .kvmHaltPolls, .irqInjections]

    @Test("with KVM and new enough versions vCPUs are counted, of KVM guests; unknown versions count as new enough")
    func kvm() {
        var facts = HostFacts()
        facts.libvirtFacts.hasKVM = true
        for versions in [(UInt?.none, UInt?.none), (8_009_000, 7_001_000), (11_000_000, nil)] {
            (facts.libvirtFacts.libvirt, facts.libvirtFacts.qemu) = versions
            for signal in Self.kvm {
                #expect(state(signal, facts) == .degraded("only of guests that run on KVM"))
            }
        }
    }

    @Test("one release before, or without KVM, they are not, and why is said")
    func noKVM() {
        var facts = HostFacts()
        facts.libvirtFacts.hasKVM = true
        facts.libvirtFacts.libvirt = 8_008_999
        for signal in Self.kvm {
            #expect(
                state(signal, facts) == .notAvailable("libvirt is 8.8.999, and 8.9.0 is the first that tells it")
            )
        }
        facts.libvirtFacts.libvirt = 9_000_000
        facts.libvirtFacts.qemu = 7_000_999
        guard case .notAvailable(let old) = state(.kvmExits, facts) else {
            Issue.record("QEMU 7.0")
            return
        }
        #expect(old.hasPrefix("QEMU is 7.0.999"))
        facts.libvirtFacts.qemu = 7_002_000
        facts.libvirtFacts.hasKVM = false
        guard case .notAvailable(let why) = state(.kvmExits, facts) else {
            Issue.record("no KVM")
            return
        }
        #expect(why.contains("no KVM"))
    }

    @Test("the dirty rate is there on suspicion, where libvirt and QEMU can measure it")
    func dirtyRate() {
        var facts = HostFacts()
        guard case .degraded = state(.memDirtyRate, facts) else {
            Issue.record("new enough")
            return
        }
        for versions in [(UInt?(7_001_000), UInt?.none), (nil, 5_001_999)] {
            (facts.libvirtFacts.libvirt, facts.libvirtFacts.qemu) = versions
            guard case .notAvailable = state(.memDirtyRate, facts) else {
                Issue.record("too old: \(versions)")
                return
            }
        }
    }

    @Test("KVM is found by its device's name in /proc/misc, whole", arguments: ["232 kvm\n", "1 kvm-x\n", "", "kvm"])
    func kvmDevice(text: String) throws {
        let tree = try HostTree("v2")
        try Data(text.utf8).write(to: URL(fileURLWithPath: tree.path + "/proc/misc"))
        let facts = LibvirtFacts(probing: tree.roots, libvirt: nil, qemu: nil)
        #expect(facts.hasKVM == (text == "232 kvm\n" || text == "kvm"))
        try tree.remove("proc/misc")
        #expect(!LibvirtFacts(probing: tree.roots, libvirt: nil, qemu: nil).hasKVM)
    }
}
