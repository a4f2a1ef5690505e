import HostReaders
import Sampling
import Signals
import Testing

@Suite("The libvirt tier")
struct SlowTierTests {
    private let vm = virtualMachineB()

    private func answer(_ tree: HostTree, _ disks: [(String, UInt64)], after seconds: Double = 0.5) -> SlowReadings {
        var answer = SlowReadings(identity: vm.record.identity, time: tree.now.advanced(bySeconds: seconds))
        answer.latency = 0.002
        answer.disks = disks.map { name, base in
            var disk = SlowReadings.Disk(name: name)
            disk.readOps = base
            disk.writeOps = base
            disk.readBytes = base * 10
            disk.writeBytes = base * 20
            disk.time = base * 4_000_000
            disk.flushes = base / 10
            disk.allocation = base * 100
            return disk
        }
        return answer
    }

    @Test("an answer is ok in the tick after it and stale from then on")
    func freshness() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        tree.sampler.take(answer(tree, [("vda", 0)]))
        tree.tick()
        #expect(tree.reading(.diskLatency) == .missing)
        #expect(tree.reading(.libvirtLatency) == Reading(0.002))
        tree.tick(after: 9)
        tree.sampler.take(answer(tree, [("vda", 1_000)]))
        tree.tick()
        #expect(isAbout(tree.reading(.diskLatency), 0.002))
        #expect(isAbout(tree.reading(.diskFlushes), 10))
        #expect(isAbout(tree.reading(.diskAllocation), 10_000))
        tree.tick()
        #expect(tree.reading(.diskLatency).quality == .stale)
        #expect(abs(tree.reading(.diskLatency).value - 0.002) < 1e-9)
        #expect(tree.reading(.libvirtLatency) == Reading(0.002, .stale))
    }

    @Test("what the kernel gives is not overwritten; what it does not give is filled in")
    func precedence() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        tree.sampler.take(answer(tree, [("vda", 0)]))
        tree.tick(after: 10)
        tree.sampler.take(answer(tree, [("vda", 1_000)]))
        tree.tick()
        #expect(isAbout(tree.reading(.diskReadOps), 0))

        let bare = try HostTree("v2")
        try bare.remove(scopeB + "/io.stat")
        bare.sampler.add(vm)
        bare.tick()
        bare.sampler.take(answer(bare, [("vda", 0)]))
        bare.tick(after: 10)
        bare.sampler.take(answer(bare, [("vda", 1_000)]))
        bare.tick()
        #expect(isAbout(bare.reading(.diskReadOps), 100))
        #expect(isAbout(bare.reading(.diskReadBytes), 0))
    }

    @Test("a disk that joins makes no spike, and one without requests has no latency")
    func disks() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        tree.sampler.take(answer(tree, [("vda", 1_000)]))
        tree.tick(after: 10)
        tree.sampler.take(answer(tree, [("vda", 1_000), ("vdb", 99_999_999)]))
        tree.tick()
        #expect(isAbout(tree.reading(.diskFlushes), 0))
        #expect(tree.reading(.diskLatency) == .missing)
    }

    @Test("what a guest said long ago of its memory is stale, and what it never said not observable")
    func balloon() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.reading(.memBalloonUsable) == .notObservable)
        for (age, quality) in [(60.0, Quality.ok), (61.0, .stale)] {
            var answer = SlowReadings(identity: vm.record.identity, time: tree.now.advanced(bySeconds: 0.5))
            answer.balloonUsable = 1_024
            answer.balloonAge = age
            tree.sampler.take(answer)
            tree.tick()
            #expect(tree.reading(.memBalloonUsable) == Reading(1_024, quality))
        }
        var unknown = SlowReadings(identity: vm.record.identity, time: tree.now.advanced(bySeconds: 0.5))
        unknown.balloonUsable = 2_048
        tree.sampler.take(unknown)
        tree.tick()
        #expect(tree.reading(.memBalloonUsable) == Reading(2_048, .stale))
    }

    @Test("an answer about a VM that is not watched, or older than the one before, is passed over")
    func passedOver() throws {
        let tree = try HostTree("v2")
        tree.sampler.take(answer(tree, [("vda", 0)]))
        tree.sampler.add(vm)
        tree.tick()
        tree.sampler.take(answer(tree, [("vda", 0)]))
        var late = answer(tree, [("vda", 0)], after: -5)
        late.latency = 9
        tree.sampler.take(late)
        tree.tick()
        #expect(tree.reading(.libvirtLatency) == Reading(0.002))
    }
}
