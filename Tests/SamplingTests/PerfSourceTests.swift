import Foundation
import HostReaders
import Signals
import Testing

@testable import Sampling

/// A cgroup of the running host that a test makes and removes again; `nil` where it may not.
final class ScratchGroup {
    let path: String

    init?() {
        guard let tree = MountTable(roots: HostRoots()).trees.first(where: { $0.isUnified }) else { return nil }
        path = tree.mountPoint + "/quell-test-" + UUID().uuidString
        guard MountedResctrl().makeGroup(path) == 0 else { return nil }
    }

    deinit { _ = MountedResctrl().removeGroup(path) }

    /// Runs a command in the group to its end.
    func run(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "echo $$ > \(path)/cgroup.procs && \(command)"]
        try process.run()
        process.waitUntilExit()
    }

    /// Whether this process may count events of a group here.
    static var isPermitted: Bool {
        guard let group = ScratchGroup(), let directory = try? CgroupHandle(group.path) else { return false }
        return (try? PerfEventGroup(.software, of: directory, on: 0)) != nil
    }
}

@Suite("Performance counters of VMs")
struct PerfSourceTests {
    private static let signals: [Signal] = [.perfCPI, .perfLLCMissRate]

    /// A source and the frame that it is sampled into.
    private final class Host {
        let source: PerfSource
        var frame = Frame(hostCPUs: 1)
        var now = MonotonicTime(seconds: 100.0)
        private var context = TickContext()

        init(_ source: PerfSource) { self.source = source }

        /// Watches a VM that is counted by a cgroup.
        @discardableResult
        func add(_ number: UInt64, _ directory: String?) -> VMSlot {
            let identity = VMIdentity(uuid: VMUUID(high: 0, low: number), generation: 1)
            let record = VMRecord(identity: identity, name: "vm")
            var cgroups = CgroupPaths()
            cgroups.perfEvent = directory
            let slot = frame.place(record)
            let vm = VMDescription(record: record, pid: 1, taps: [])
            source.watch(WatchedVM(slot: slot, description: vm, cgroups: cgroups))
            return slot
        }

        func tick(after seconds: Double = 1, paused: Bool = false) {
            now = now.advanced(bySeconds: seconds)
            frame.begin(at: now)
            context.time = now
            context.tick = frame.tick
            context.disturbances = frame.records.map { _ in paused }
            source.sample(into: &frame, &context)
        }

        func reading(_ signal: Signal, _ slot: Int = 0) -> Reading { frame[VMSlot(slot), signal] }
    }

    @Test("a host without counters tells so and opens nothing")
    func absent() {
        let host = Host(PerfSource(roots: HostRoots(tree: "/none")))
        host.add(1, "/none")
        host.tick()
        for signal in Self.signals { #expect(host.reading(signal) == .notObservable) }
        #expect(host.source.problem == .noCounters && host.source.watched == 0)
    }

    @Test("the descriptors of one VM are three for each CPU, and all VMs together keep to the budget")
    func capacity() {
        #expect(PerfSource.capacity(cpus: 64) == 8)
        #expect(PerfSource.capacity(cpus: 512) == 1)
        #expect(PerfSource.capacity(cpus: 513) == 0)
        #expect(PerfSource.capacity(cpus: 0) == 512)
        let host = Host(PerfSource(roots: HostRoots(), events: .software, descriptors: 2))
        host.add(1, "/none")
        host.tick()
        #expect(host.source.problem == .exhausted(0))
        #expect(host.reading(.perfCPI) == .notObservable)
    }

    @Test("a VM without a cgroup of its own is not observable, and takes nobody's turn")
    func noGroup() {
        let host = Host(PerfSource(roots: HostRoots(), events: .software))
        host.add(1, nil)
        host.add(2, "/none")
        for _ in 0..<3 { host.tick() }
        for slot in 0..<2 { #expect(host.reading(.perfCPI, slot) == .notObservable) }
        #expect(host.source.problem == nil && host.source.watched == 0)
    }

    @Test("what a process in the cgroup did is counted on all CPUs", .enabled(if: ScratchGroup.isPermitted))
    func counts() throws {
        let group = try #require(ScratchGroup())
        let host = Host(PerfSource(roots: HostRoots(), events: .software))
        host.add(1, group.path)
        host.tick()
        #expect(host.source.watched == 1)
        #expect(host.reading(.perfCPI) == .missing)
        // Some tens of milliseconds on a CPU, in what the clock of the test calls ten.
        try group.run("exec dd if=/dev/zero of=/dev/null bs=1M count=400 status=none")
        host.tick(after: 0.01)
        let ratio = host.reading(.perfCPI)
        #expect(ratio.quality == .ok && abs(ratio.value - 1) < 0.2, "\(ratio)")
        #expect(host.reading(.perfLLCMissRate).quality == .ok && host.reading(.perfLLCMissRate).value > 0)
        host.tick()
        #expect(host.reading(.perfCPI) == .missing)
        #expect(host.reading(.perfLLCMissRate) == Reading(0))
        host.tick(paused: true)
        #expect(host.reading(.perfLLCMissRate) == Reading(0, .reset))
    }

    @Test("VMs take turns; one that is not watched is stale and then missing", .enabled(if: ScratchGroup.isPermitted))
    func turns() throws {
        let groups = try (0..<2).map { _ in try #require(ScratchGroup()) }
        let cpus = CPUList.online(HostRoots()).count
        let source = PerfSource(roots: HostRoots(), events: .software, descriptors: 3 * cpus, dwell: 2)
        let host = Host(source)
        for (number, group) in groups.enumerated() { host.add(UInt64(number), group.path) }
        host.tick()
        host.tick()
        #expect(host.reading(.perfLLCMissRate, 0) == Reading(0))
        #expect(host.reading(.perfLLCMissRate, 1) == .missing)
        host.tick()
        #expect(host.reading(.perfLLCMissRate, 0) == Reading(0, .stale))
        host.tick()
        #expect(host.reading(.perfLLCMissRate, 1) == Reading(0))
        #expect(source.watched == 1)
        source.shed(true)
        host.tick()
        host.tick()
        #expect(source.watched == 0)
        #expect(host.reading(.perfLLCMissRate, 1) == Reading(0, .stale))
        host.tick(after: PerfVM.lifetime)
        #expect(host.reading(.perfLLCMissRate, 1) == .missing)
    }

    @Test(
        "on a host of many CPUs counting begins over several ticks, and nothing is told before it is complete",
        .enabled(if: ScratchGroup.isPermitted && CPUList.online(HostRoots()).count > 1)
    )
    func manyCPUs() throws {
        let group = try #require(ScratchGroup())
        let host = Host(PerfSource(roots: HostRoots(), events: .software, opensPerTick: 1))
        host.add(1, group.path)
        for _ in CPUList.online(HostRoots()) {
            host.tick()
            #expect(host.reading(.perfLLCMissRate) == .missing)
        }
        host.tick()
        #expect(host.reading(.perfLLCMissRate) == Reading(0))
        let other = Host(PerfSource(roots: HostRoots(), events: .software, opensPerTick: 1))
        let slot = other.add(1, group.path)
        other.tick()
        other.source.unwatch(slot)
        other.tick()
        #expect(other.source.watched == 0)
    }

    @Test("a cgroup that is gone is not taken for an idle VM", .enabled(if: ScratchGroup.isPermitted))
    func gone() throws {
        var group = ScratchGroup()
        let host = Host(PerfSource(roots: HostRoots(tree: "/none").with(sys: "/sys"), events: .software))
        host.add(1, try #require(group).path)
        host.tick()
        host.tick()
        #expect(host.reading(.perfLLCMissRate) == Reading(0))
        group = nil
        for _ in 2..<10 { host.tick() }
        #expect(host.reading(.perfLLCMissRate) == .notObservable)
        #expect(host.source.watched == 0)
    }

    @Test("a VM that leaves or starts anew gives its counters back", .enabled(if: ScratchGroup.isPermitted))
    func leaves() throws {
        let group = try #require(ScratchGroup())
        let host = Host(PerfSource(roots: HostRoots(), events: .software))
        let slot = host.add(1, group.path)
        host.tick()
        #expect(host.source.watched == 1)
        host.source.unwatch(slot)
        host.source.unwatch(VMSlot(7))
        #expect(host.source.watched == 0)
    }
}

extension HostRoots {
    /// These roots with another sysfs.
    func with(sys: String) -> HostRoots {
        var other = self
        other.sys = sys
        return other
    }
}
