import Foundation
import HostReaders
import Sampling
import Signals
import Testing

extension HostTree {
    /// Writes a new file, and its directory where it is missing.
    func create(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs ticks of one second until the next turn of row 0, that tick included.
    func tickToTurn() {
        repeat { tick() } while sampler.frame.tick % 10 != 0
    }
}

@Suite("What is read of a VM every tenth tick, and the host's late ticks")
struct SlowFilesTests {
    private func sched(_ moves: Int) -> String {
        "CPU 0/KVM (4250, #threads: 5)\n---\nse.exec_start : 1.5\nse.nr_migrations    :    \(moves)\nnr_switches : 7\n"
    }

    @Test("moves of vCPUs are a rate over the true interval, stale in between")
    func migrations() throws {
        let tree = try HostTree("v2")
        try tree.create("proc/4242/task/4250/sched", sched(100))
        try tree.create("proc/4242/task/4251/sched", sched(7))
        tree.sampler.add(virtualMachineB())
        tree.tick()
        #expect(tree.reading(.cpuMigrations) == .missing)
        try tree.write("proc/4242/task/4250/sched", sched(118))
        tree.tickToTurn()
        #expect(isAbout(tree.reading(.cpuMigrations), 2))
        tree.tick()
        #expect(tree.reading(.cpuMigrations) == Reading(2, .stale))
        try tree.write("proc/4242/task/4250/sched", sched(123))
        try tree.write("proc/4242/task/4251/sched", sched(12))
        tree.tickToTurn()
        #expect(isAbout(tree.reading(.cpuMigrations), 1))
        try tree.write("proc/4242/task/4251/sched", "nonsense\n")
        tree.tickToTurn()
        #expect(isAbout(tree.reading(.cpuMigrations), 0))
        #expect(tree.sampler.faults.count == 1)
    }

    @Test("a kernel without the file gives nothing to observe, and a pause within the interval is a reset")
    func noMigrations() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        tree.tickToTurn()
        #expect(tree.reading(.cpuMigrations) == .notObservable)
        let paused = try HostTree("v2")
        try paused.create("proc/4242/task/4250/sched", sched(100))
        var vm = virtualMachineB()
        paused.sampler.add(vm)
        paused.tick()
        vm.record.running = false
        paused.sampler.update(vm.record)
        paused.tick()
        vm.record.running = true
        paused.sampler.update(vm.record)
        paused.tickToTurn()
        #expect(paused.reading(.cpuMigrations).quality == .reset)
        #expect(paused.reading(.qemuRunDelay).quality == .reset)
        paused.tickToTurn()
        #expect(isAbout(paused.reading(.cpuMigrations), 0))
    }

    @Test("waits of emulator and I/O threads are a mean over those that ran")
    func waits() throws {
        let tree = try HostTree("v2")
        for thread in [4_242, 4_260, 4_261] {
            try tree.create("proc/4242/task/\(thread)/comm", thread == 4_260 ? "IO iothread1\n" : "qemu-system-x86\n")
            try tree.create("proc/4242/task/\(thread)/schedstat", "1000 2000 3\n")
        }
        tree.sampler.add(virtualMachineB())
        tree.tick()
        #expect(tree.reading(.qemuRunDelay) == .missing)
        try tree.write("proc/4242/task/4242/schedstat", "1000 900002000 4\n")
        try tree.write("proc/4242/task/4260/schedstat", "1000 2700002000 9\n")
        tree.tickToTurn()
        #expect(isAbout(tree.reading(.qemuRunDelay), 0.2))
        tree.tick()
        #expect(tree.reading(.qemuRunDelay) == Reading(0.2, .stale))
        tree.tickToTurn()
        #expect(tree.reading(.qemuRunDelay) == Reading(0))
        #expect(tree.sampler.vanished.isEmpty)
    }

    @Test("memory swapped out comes from the group, in v2 every tenth tick")
    func swap() throws {
        let tree = try HostTree("v2")
        try tree.create(scopeB + "/memory.swap.current", "4096\n")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        #expect(tree.reading(.memSwapHeld) == Reading(4_096))
        try tree.write(scopeB + "/memory.swap.current", "8192\n")
        tree.tick()
        #expect(tree.reading(.memSwapHeld) == Reading(4_096, .stale))
        tree.tickToTurn()
        #expect(tree.reading(.memSwapHeld) == Reading(8_192))
        let without = try HostTree("v2")
        without.sampler.add(virtualMachineB())
        without.tick()
        #expect(without.reading(.memSwapHeld) == .notObservable)
    }

    @Test("in v1 memory swapped out is a line of memory.stat where swap is accounted")
    func legacySwap() throws {
        let tree = try HostTree("v1")
        let identity = VMIdentity(uuid: VMUUID(high: 3, low: 4), generation: 99)
        tree.sampler.add(VMDescription(record: VMRecord(identity: identity, name: "vm"), pid: 777, taps: []))
        tree.tick()
        #expect(tree.reading(.memSwapHeld) == .notObservable)
        let file = #"sys/fs/cgroup/memory/machine.slice/machine-qemu\x2d3\x2dold.scope/memory.stat"#
        try tree.write(
            file,
            "cache 0\nrss 0\nswap 1\ntotal_rss 9\ntotal_shmem 0\ntotal_swap 8192\ntotal_pgmajfault 0\n"
        )
        tree.tick()
        #expect(tree.reading(.memSwapHeld) == Reading(8_192))
    }

    @Test("the count of tasks is the group's where it has one, helpers of the VM included")
    func tasks() throws {
        let tree = try HostTree("v2")
        try tree.create(scopeB + "/pids.current", "9\n")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        #expect(tree.reading(.qemuThreads) == Reading(9))
        try tree.write(scopeB + "/pids.current", "max\n")
        tree.tickToTurn()
        #expect(tree.reading(.qemuThreads) == Reading(5))
    }

    @Test("how late a tick began is told where it is known, and never below zero")
    func lag() throws {
        let tree = try HostTree("v2")
        tree.tick()
        #expect(tree.sampler.frame[host: .agentTickLag] == .missing)
        tree.sampler.tick(at: tree.now.advanced(bySeconds: 1), lag: 0.25)
        #expect(tree.sampler.frame[host: .agentTickLag] == Reading(0.25))
        tree.sampler.tick(at: tree.now.advanced(bySeconds: 2), lag: -1)
        #expect(tree.sampler.frame[host: .agentTickLag] == Reading(0))
    }

    @Test("PCIe errors are summed over devices and kinds; a device without AER adds nothing to observe")
    func pciErrors() throws {
        let tree = try HostTree("v2")
        let base = "sys/bus/pci/devices/0000:3b:00.0/aer_dev_"
        try tree.create(base + "correctable", "RxErr 5\nTOTAL_ERR_COR 5\n")
        try tree.create(base + "nonfatal", "DLP 0\nTOTAL_ERR_NONFATAL 0\n")
        try tree.create(base + "fatal", "DLP 0\nTOTAL_ERR_FATAL 0\n")
        var vm = virtualMachineB()
        tree.sampler.add(vm)
        tree.tick()
        #expect(tree.reading(.pciAERErrors) == .notObservable)
        vm.pciDevices = ["0000:3b:00.0", "0000:5e:00.0"]
        tree.sampler.update(vm)
        tree.tick()
        #expect(tree.reading(.pciAERErrors) == .missing)
        try tree.write(base + "correctable", "RxErr 17\nTOTAL_ERR_COR 17\n")
        try tree.write(base + "fatal", "DLP 4\nTOTAL_ERR_FATAL 4\n")
        tree.tickToTurn()
        #expect(isAbout(tree.reading(.pciAERErrors), 2))
        tree.tick()
        #expect(tree.reading(.pciAERErrors) == Reading(2, .stale))
        try tree.write(base + "fatal", "DLP 0\nTOTAL_ERR_FATAL 0\n")
        tree.tickToTurn()
        #expect(tree.reading(.pciAERErrors).quality == .reset)
        vm.pciDevices = ["0000:5e:00.0"]
        tree.sampler.update(vm)
        tree.tick()
        #expect(tree.reading(.pciAERErrors) == .notObservable)
    }
}
