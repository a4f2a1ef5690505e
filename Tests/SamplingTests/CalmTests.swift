import Sampling
import Signals
import Testing

@Suite("What is dear is read less often while a VM is calm")
struct CalmTests {
    private static let kinds = [Signal.memRSS, .memGrowth, .memMajorFaults, .memOOMEvents]

    /// A VM whose memory and CPU have been calm for long enough, after a tick in which it was its turn.
    private func calmTree() throws -> HostTree {
        let tree = try HostTree("v2", calmEvery: 4)
        tree.sampler.add(virtualMachineB())
        for _ in 0..<8 { tree.tick() }
        return tree
    }

    @Test("the kinds of memory and throttling of a calm VM are read in every fourth tick and stale in between")
    func calm() throws {
        let tree = try calmTree()
        #expect(tree.sampler.frame.tick % 4 == 0)
        for _ in 0..<3 {
            tree.tick()
            for signal in Self.kinds + [.cpuThrottled] { #expect(tree.reading(signal).quality == .stale, "\(signal)") }
            for signal in [Signal.memPressureSome, .cpuRunDelay, .cpuUsage] {
                #expect(tree.reading(signal).quality == .ok, "\(signal)")
            }
        }
        tree.tick()
        for signal in Self.kinds + [.cpuThrottled] { #expect(tree.reading(signal).quality == .ok, "\(signal)") }
    }

    @Test("pressure has memory read at once, and over the whole interval since it was read last")
    func pressure() throws {
        let tree = try calmTree()
        try tree.change(scopeB + "/memory.stat", "pgmajfault 100", "pgmajfault 108")
        tree.tick()
        #expect(tree.reading(.memMajorFaults).quality == .stale)
        try tree.change(scopeB + "/memory.pressure", "total=0", "total=1000")
        try wait("memory", on: tree)
        tree.tick()
        #expect(isAbout(tree.reading(.memPressureSome), 0.001))
        #expect(isAbout(tree.reading(.memMajorFaults), 4))
    }

    /// Has somebody on the host wait for a resource.
    private func wait(_ resource: String, on tree: HostTree) throws {
        try tree.write("proc/pressure/" + resource, "some avg10=0.00 avg60=0.00 avg300=0.00 total=9000000000\n")
    }

    @Test("the pressure of a VM is not read, and known to be 0, while nobody on the host waits; then it is")
    func still() throws {
        let tree = try calmTree()
        for resource in ["memory", "io"] {
            try tree.change(scopeB + "/\(resource).pressure", "some avg10=0.00", "gone")
        }
        tree.tick()
        for signal in [Signal.memPressureSome, .memPressureFull, .ioPressureSome, .ioPressureFull] {
            #expect(isAbout(tree.reading(signal), 0), "\(signal)")
        }
        try wait("io", on: tree)
        tree.tick()
        #expect(tree.reading(.ioPressureSome).quality == .missing)
        #expect(isAbout(tree.reading(.memPressureSome), 0))
        tree.tick()
        #expect(tree.reading(.ioPressureSome).quality == .missing)
    }

    @Test("disks that are used are read in every tick, calm ones in every fourth")
    func disks() throws {
        let tree = try calmTree()
        tree.tick()
        #expect(tree.reading(.diskReadBytes).quality == .stale)
        try tree.change(scopeB + "/io.stat", "rbytes=", "rbytes=1")
        for _ in 0..<3 { tree.tick() }
        #expect((tree.reading(.diskReadBytes).trusted ?? 0) > 65_536)
        tree.tick()
        #expect(isAbout(tree.reading(.diskReadBytes), 0))
        tree.tick()
        #expect(tree.reading(.diskReadBytes).quality == .stale)
    }

    @Test("memory that stirs is read in every tick until it is calm again")
    func stirring() throws {
        let tree = try calmTree()
        for _ in 0..<4 { tree.tick() }
        try tree.change(scopeB + "/memory.stat", "pgmajfault 100", "pgmajfault 108")
        for _ in 0..<4 { tree.tick() }
        #expect(isAbout(tree.reading(.memMajorFaults), 2))
        tree.tick()
        #expect(isAbout(tree.reading(.memMajorFaults), 0))
        tree.tick()
        #expect(tree.reading(.memMajorFaults).quality == .stale)
    }

    @Test("a VM to which somebody attends is read in every tick, for two ticks after")
    func attended() throws {
        let tree = try calmTree()
        tree.sampler.attend(VMSlot(0))
        for quality in [Quality.ok, .ok, .stale] {
            tree.tick()
            #expect(tree.reading(.memRSS).quality == quality)
            #expect(tree.reading(.cpuThrottled).quality == quality)
        }
    }

    @Test("a quota, throttling and waiting have throttling read in every tick")
    func quota() throws {
        let tree = try calmTree()
        var vm = virtualMachineB()
        vm.record.ownQuota = 1
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.cpuThrottled).quality == .ok)
        #expect(tree.reading(.memRSS).quality == .stale)
    }

    @Test("a tick that says nothing of a paused VM is followed by a whole interval")
    func paused() throws {
        let tree = try calmTree()
        var vm = virtualMachineB()
        vm.record.running = false
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.memGrowth).quality == .reset)
        vm.record.running = true
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.memGrowth).quality == .reset)
        tree.tick()
        #expect(isAbout(tree.reading(.memGrowth), 0))
    }
}
