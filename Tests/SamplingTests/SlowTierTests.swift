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

    private func note(_ tree: HostTree, _ fill: (inout SlowReadings) -> Void) {
        var answer = SlowReadings(identity: vm.record.identity, time: tree.now.advanced(bySeconds: 0.5))
        fill(&answer)
        tree.sampler.take(answer)
        tree.tick()
    }

    @Test("while libvirt owes an answer the latency grows with each tick; an answer ends that")
    func owed() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        note(tree) { $0.latency = 0.002 }
        let since = tree.now.advanced(bySeconds: -5)
        note(tree) { $0.owedSince = since }
        #expect(isAbout(tree.reading(.libvirtLatency), 6))
        tree.tick()
        #expect(isAbout(tree.reading(.libvirtLatency), 7))
        // A later silence does not make the earlier one shorter.
        let later = tree.now
        note(tree) { $0.owedSince = later }
        #expect(isAbout(tree.reading(.libvirtLatency), 8))
        #expect(isAbout(tree.reading(.cpuUsage), 0))
        note(tree) { $0.latency = 0.003 }
        #expect(tree.reading(.libvirtLatency) == Reading(0.003))
        tree.tick()
        #expect(tree.reading(.libvirtLatency) == Reading(0.003, .stale))
    }

    @Test("a job's age is told as it was when libvirt was asked, 0 where there is none")
    func jobAge() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.reading(.libvirtJobAge) == .notObservable)
        note(tree) { $0.jobAge = 0 }
        #expect(tree.reading(.libvirtJobAge) == Reading(0))
        note(tree) { $0.jobAge = 90 }
        #expect(tree.reading(.libvirtJobAge) == Reading(90))
        tree.tick()
        #expect(tree.reading(.libvirtJobAge) == Reading(90, .stale))
    }

    private func vcpus(_ counts: [UInt64?]) -> [SlowReadings.VCPU] {
        counts.enumerated().map { index, count in
            var vcpu = SlowReadings.VCPU(index: index)
            vcpu.exits = count
            vcpu.haltPolls = count.map { $0 / 10 }
            vcpu.interrupts = count.map { $0 / 2 }
            return vcpu
        }
    }

    @Test("exits, polls and interrupts are rates, summed over vCPUs; one that joins makes no spike")
    func vcpuRates() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.reading(.kvmExits) == .notObservable)
        note(tree) { $0.vcpus = vcpus([1_000, 5_000]) }
        #expect(tree.reading(.kvmExits) == .missing)
        tree.tick(after: 99)
        note(tree) { $0.vcpus = vcpus([2_000, 7_000, 9_000_000]) }
        #expect(isAbout(tree.reading(.kvmExits), 30))
        #expect(isAbout(tree.reading(.kvmHaltPolls), 3))
        #expect(isAbout(tree.reading(.irqInjections), 15))
        tree.tick()
        #expect(tree.reading(.kvmExits).quality == .stale)
    }

    @Test("counters of vCPUs that begin again are a reset, and those of a guest without KVM not observable")
    func vcpuResets() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        note(tree) { $0.vcpus = vcpus([1_000]) }
        tree.tick(after: 99)
        note(tree) { $0.vcpus = vcpus([10]) }
        #expect(tree.reading(.kvmExits).quality == .reset)
        note(tree) { $0.vcpus = vcpus([nil, nil]) }
        #expect(tree.reading(.kvmExits) == .notObservable)
        note(tree) { $0.vcpus = [] }
        #expect(tree.reading(.irqInjections) == .notObservable)
    }

    @Test("a dirty rate is told once and stale from then on; where QEMU cannot measure it is not observable")
    func dirtyRate() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.reading(.memDirtyRate) == .notObservable)
        note(tree) { $0.dirtyRate = Reading(4_194_304) }
        #expect(tree.reading(.memDirtyRate) == Reading(4_194_304))
        tree.tick()
        #expect(tree.reading(.memDirtyRate) == Reading(4_194_304, .stale))
        note(tree) { $0.dirtyRate = .notObservable }
        #expect(tree.reading(.memDirtyRate) == .notObservable)
    }

    @Test("a rate over the longest interval is told, over a longer one it is a reset")
    func longInterval() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(vm)
        tree.tick()
        tree.sampler.take(answer(tree, [("vda", 0)]))
        tree.tick(after: 3_600)
        tree.sampler.take(answer(tree, [("vda", 36_000)]))
        tree.tick()
        #expect(isAbout(tree.reading(.diskFlushes), 1))
        tree.tick(after: 3_600)
        tree.sampler.take(answer(tree, [("vda", 72_000)]))
        tree.tick()
        #expect(tree.reading(.diskFlushes).quality == .reset)
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
