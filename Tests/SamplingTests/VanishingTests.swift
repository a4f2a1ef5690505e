import HostReaders
import Sampling
import Signals
import Testing

@Suite("VMs that vanish, and files that fail")
struct VanishingTests {
    private let vm = virtualMachineB()

    @Test("a VM whose process is gone is told at each tick until it is removed, and reads as missing")
    func vanishes() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.sampler.vanished.isEmpty)
        try tree.write("proc/4242/stat", try startedAnew(tree))
        for _ in 0..<10 where tree.sampler.vanished.isEmpty { tree.tick() }
        #expect(tree.sampler.vanished == [vm.record.identity])
        for signal in Signal.allCases { #expect(tree.reading(signal) == .missing) }
        tree.tick()
        #expect(tree.sampler.vanished == [vm.record.identity])
        tree.sampler.remove(vm.record.identity)
        tree.tick()
        #expect(tree.sampler.vanished.isEmpty)
        #expect(tree.sampler.frame.records == [nil])
    }

    /// The `stat` of another process under the same number.
    private func startedAnew(_ tree: HostTree) throws -> String {
        "4242 (bash) S 1 1 1 0 -1 0 1 0 0 0 1 1 0 0 20 0 1 0 999999 1000 10 0 0\n"
    }

    @Test("a VM that is gone before it is first read is told at once")
    func neverThere() throws {
        let tree = try HostTree("v2")
        try tree.remove("proc/4242")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.sampler.vanished == [vm.record.identity])
        #expect(tree.sampler.problems(of: vm.record.identity) == [.unreadable(pid: 4_242)])
    }

    @Test("one VM that vanishes does not disturb another, and its row is used again")
    func neighbours() throws {
        let tree = try HostTree("v2")
        var ghost = VMDescription(
            record: VMRecord(identity: VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 1), name: "ghost"),
            pid: 1,
            taps: []
        )
        let ghostSlot = tree.sampler.add(ghost)
        let slot = tree.sampler.add(vm)
        tree.tick()
        tree.tick()
        #expect(tree.sampler.vanished == [ghost.record.identity])
        #expect(tree.sampler.frame[slot, .cpuUsage].quality == .ok)
        tree.sampler.remove(ghost.record.identity)
        ghost.record.identity = VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 2)
        #expect(tree.sampler.add(ghost) == ghostSlot)
        #expect(tree.sampler.add(vm) == slot)
    }

    @Test("an interface that moves to another VM is not lost when the first one goes")
    func movedTap() throws {
        let tree = try HostTree("v2")
        let identity = VMIdentity(uuid: VMUUID(high: 9, low: 9), generation: 1)
        tree.sampler.add(VMDescription(record: VMRecord(identity: identity, name: "old"), pid: 1, taps: ["vnet0"]))
        let slot = tree.sampler.add(vm)
        tree.sampler.remove(identity)
        tree.tick()
        tree.tick()
        #expect(isAbout(tree.sampler.frame[slot, .netRxBytes], 0))
    }

    @Test("files that make no sense are missing in the frame, counted and named, and disturb no other")
    func malformed() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        try tree.write(scopeB + "/cpu.stat", "usage_usec lots\n")
        tree.tick()
        #expect(tree.reading(.cpuUsage) == .missing)
        #expect(tree.reading(.memPressureSome).quality == .ok)
        #expect(tree.sampler.faults.count == 1)
        #expect(
            tree.sampler.faults.latest?.description.hasSuffix("cpu.stat: unexpected line 'usage_usec lots'") == true
        )
        tree.tick()
        #expect(tree.sampler.faults.count == 2)
    }

    @Test("missing control files are not observable, never zero")
    func missingFiles() throws {
        let tree = try HostTree("v2")
        for name in ["cpu.pressure", "memory.pressure", "io.pressure", "memory.events"] {
            try tree.remove(scopeB + "/" + name)
        }
        tree.sampler.add(vm)
        tree.tick()
        tree.tick()
        for signal in [Signal.cpuPressureSome, .memPressureFull, .ioPressureSome, .memOOMEvents] {
            #expect(tree.reading(signal) == .notObservable)
        }
        #expect(tree.reading(.cpuUsage).quality == .ok)
        #expect(tree.sampler.vanished.isEmpty)
        #expect(tree.sampler.faults.count == 0)
    }

    @Test("a VM without any cgroup of its own is read from its process")
    func noCgroup() throws {
        let tree = try HostTree("v2")
        try tree.write("proc/4242/cgroup", "0::/\n")
        tree.sampler.add(vm)
        tree.tick()
        try tree.change("proc/4242/stat", " 0 0 70 45 0 0 ", " 0 0 110 55 0 0 ")
        try tree.write("proc/4242/task/4250/schedstat", "767686563 769664376 375\n")
        tree.tick()
        #expect(isAbout(tree.reading(.cpuUsage), 0.5))
        #expect(isAbout(tree.reading(.cpuRunDelay), 0.1))
        #expect(isAbout(tree.reading(.memRSS), Double(35_509 * 4_096)))
        #expect(isAbout(tree.reading(.diskReadBytes), 0))
        #expect(tree.reading(.diskReadOps) == .notObservable)
        #expect(tree.reading(.cpuThrottled) == .notObservable)
        #expect(tree.reading(.cpuPressureSome) == .notObservable)
        #expect(tree.sampler.problems(of: vm.record.identity) == [.rootGroup(tree: "cgroup v2")])
    }
}
