import HostReaders
import Sampling
import Signals
import Testing

@Suite("Sampling on cgroup v2")
struct HostSamplerTests {
    @Test("the first tick has levels and no rates")
    func firstTick() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        for signal in [
            Signal.cpuUsage, .cpuRunDelay, .cpuThrottled, .cpuPressureSome, .memMajorFaults, .diskReadBytes,
            .netRxBytes, .memGrowth,
        ] {
            #expect(tree.reading(signal).quality == .missing, "\(signal)")
        }
        #expect(tree.reading(.memRSS) == Reading(536_870_912 + 1_048_576))
        #expect(tree.reading(.qemuThreads) == Reading(5))
        #expect(tree.reading(.qemuFDs) == Reading(3))
    }

    @Test("every kernel signal is the true difference over the true interval")
    func rates() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        try tree.change(scopeB + "/cpu.stat", "usage_usec 60000000", "usage_usec 63000000")
        try tree.change(scopeB + "/cpu.stat", "system_usec 10000000", "system_usec 10600000")
        try tree.change(scopeB + "/cpu.pressure", "total=355668", "total=555668")
        try tree.change(scopeB + "/cpu.pressure", "total=345659", "total=365659")
        try tree.write("proc/4242/task/4250/schedstat", "767686563 769664376 375\n")
        try tree.write("proc/4242/task/4251/schedstat", "667686563 869664376 275\n")
        try tree.change(scopeB + "/libvirt/vcpu0/cpu.stat", "throttled_usec 400000", "throttled_usec 1400000")
        try tree.change(scopeB + "/memory.stat", "anon 536870912", "anon 536871912")
        try tree.change(scopeB + "/memory.stat", "pgmajfault 100", "pgmajfault 110")
        try tree.change(scopeB + "/memory.events", "oom_kill 0", "oom_kill 2")
        try tree.change(scopeB + "/memory.pressure", "total=0", "total=100000")
        try tree.change(scopeB + "/io.pressure", "total=709", "total=400709")
        try tree.change(
            scopeB + "/io.stat",
            "rbytes=1048576 wbytes=2097152 rios=100 wios=200",
            "rbytes=1049576 wbytes=2099152 rios=104 wios=206"
        )
        try tree.change(scopeB + "/io.stat", "rbytes=4096 wbytes=0 rios=1", "rbytes=4196 wbytes=0 rios=2")
        try tree.change("proc/net/dev", " vnet0:    1000      10    1    2", " vnet0:    1200      14    3    6")
        try tree.change("proc/net/dev", "5000      50    3    4 ", "9000      60    5    8 ")
        tree.tick(after: 2)
        let expected: [(Signal, Double)] = [
            (.cpuUsage, 1.5), (.cpuSystemShare, 0.2), (.cpuPressureSome, 0.1), (.cpuPressureFull, 0.01),
            (.cpuRunDelay, (0.1 + 0.2) / 2), (.cpuThrottled, 0.25), (.memGrowth, 500), (.memMajorFaults, 5),
            (.memOOMEvents, 1), (.memPressureSome, 0.05), (.memPressureFull, 0.05), (.ioPressureSome, 0.2),
            (.diskReadBytes, 550), (.diskWriteBytes, 1_000), (.diskReadOps, 2.5), (.diskWriteOps, 3),
            (.netRxBytes, 2_000), (.netTxBytes, 100), (.netRxPackets, 5), (.netTxPackets, 2), (.netErrors, 2),
            (.netDrops, 4),
        ]
        for (signal, value) in expected {
            #expect(isAbout(tree.reading(signal), value), "\(signal): \(tree.reading(signal))")
        }
        #expect(tree.sampler.faults.count == 0)
        #expect(tree.sampler.problems(of: virtualMachineB().record.identity).isEmpty)
    }

    @Test("the host's own row is filled, also without a VM")
    func host() throws {
        let tree = try HostTree("v2")
        tree.tick()
        #expect(tree.sampler.frame[host: .hostRunQueue] == Reading(5))
        #expect(tree.sampler.frame[host: .agentRSS].quality == .ok)
        #expect(tree.sampler.frame[host: .hostCPUPressure] == .missing)
        try tree.change("proc/pressure/memory", "total=29252941", "total=29752941")
        try tree.change("proc/self/stat", " 0 0 10 5 0 0 ", " 0 0 20 20 0 0 ")
        tree.tick()
        #expect(isAbout(tree.sampler.frame[host: .hostMemPressure], 0.5))
        #expect(isAbout(tree.sampler.frame[host: .agentCPU], 0.25))
        #expect(isAbout(tree.sampler.frame[host: .hostCPUPressure], 0))
    }

    @Test("CPU time of the whole host is what the root group counts, stolen time left out")
    func hostUsage() throws {
        let tree = try HostTree("v2")
        tree.tick()
        #expect(tree.sampler.frame[host: .hostCPUUsage] == .missing)
        try tree.write("sys/fs/cgroup/cpu.stat", "usage_usec 990\nuser_usec 2500000\nsystem_usec 600000\n")
        tree.tick()
        #expect(isAbout(tree.sampler.frame[host: .hostCPUUsage], 2.5))
        try tree.write("sys/fs/cgroup/cpu.stat", "usage_usec 990\nuser_usec 2500000\n")
        tree.tick()
        #expect(tree.sampler.frame[host: .hostCPUUsage] == .missing)
        try tree.write("sys/fs/cgroup/cpu.stat", "user_usec 0\nsystem_usec 0\n")
        tree.tick()
        #expect(tree.sampler.frame[host: .hostCPUUsage].quality == .reset)
    }

    @Test("what the tun driver does not count is not told as zero, and is told once a driver counts")
    func multicast() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        tree.tick()
        #expect(tree.reading(.netMulticast) == .notObservable)
        try tree.change(
            "proc/net/dev",
            "2    0     0          0         0     5000",
            "2    0     0          0         8     5000"
        )
        tree.tick()
        #expect(isAbout(tree.reading(.netMulticast), 8))
    }

    @Test("an interface that is no tap is seen from the guest's side")
    func ownView() throws {
        let tree = try HostTree("v2")
        try tree.remove("sys/class/net/vnet0/tun_flags")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        try tree.change("proc/net/dev", " vnet0:    1000 ", " vnet0:    1200 ")
        tree.tick()
        #expect(isAbout(tree.reading(.netRxBytes), 200))
        #expect(isAbout(tree.reading(.netTxBytes), 0))
    }

    @Test("a VM without interfaces has nothing to observe there")
    func noTaps() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB(taps: []))
        tree.tick()
        #expect(tree.reading(.netRxBytes) == .notObservable)
    }

    @Test("a disk that is plugged in does not make the sum jump, one that leaves does not void it")
    func hotPlug() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        let whole = "254:0 rbytes=1048576 wbytes=2097152 rios=100 wios=200\n8:16 rbytes=4096 wbytes=0 rios=1 wios=0\n"
        try tree.write(scopeB + "/io.stat", whole + "8:32 rbytes=999999999 wbytes=5 rios=6 wios=7\n")
        tree.tick()
        #expect(isAbout(tree.reading(.diskReadBytes), 0))
        try tree.write(scopeB + "/io.stat", "8:32 rbytes=1000000099 wbytes=5 rios=6 wios=7\n")
        tree.tick()
        #expect(isAbout(tree.reading(.diskReadBytes), 100))
        try tree.write(scopeB + "/io.stat", "")
        tree.tick()
        #expect(isAbout(tree.reading(.diskReadBytes), 0))
    }

    @Test("a vCPU whose thread is replaced is listed anew and its first value makes no spike")
    func replacedThread() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        try tree.move("proc/4242/task/4251", to: "proc/4242/task/4299")
        try tree.write("proc/4242/task/4299/schedstat", "9 99999999999 9\n")
        try tree.write(scopeB + "/libvirt/vcpu1/cgroup.threads", "4299\n")
        try tree.write("proc/4242/task/4250/schedstat", "767686563 769664376 375\n")
        tree.sampler.update(virtualMachineB())
        tree.tick()
        #expect(isAbout(tree.reading(.cpuRunDelay), 0.2))
        try tree.write("proc/4242/task/4299/schedstat", "9 100599999999 9\n")
        tree.tick()
        #expect(isAbout(tree.reading(.cpuRunDelay), 0.3))
    }

    @Test("a paused VM gives resets until an interval has passed whole")
    func paused() throws {
        let tree = try HostTree("v2")
        var vm = virtualMachineB()
        tree.sampler.add(vm)
        tree.tick()
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .ok)
        vm.record.running = false
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .reset)
        #expect(tree.reading(.netRxBytes).quality == .reset)
        vm.record.running = true
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .reset)
        #expect(tree.reading(.memRSS).quality == .ok)
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .ok)
        #expect(tree.reading(.netRxBytes).quality == .ok)
    }

    @Test("a pause and a resume between two ticks are noticed")
    func shortPause() throws {
        let tree = try HostTree("v2")
        var vm = virtualMachineB()
        tree.sampler.add(vm)
        tree.tick()
        vm.record.running = false
        tree.sampler.update(vm.record)
        vm.record.running = true
        tree.sampler.update(vm.record)
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .reset)
        #expect(tree.reading(.diskReadOps).quality == .reset)
    }

    @Test("counters that go back and ticks that fail to come are no spikes")
    func badTime() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        try tree.change(scopeB + "/cpu.stat", "usage_usec 60000000", "usage_usec 1")
        tree.tick()
        #expect(tree.reading(.cpuUsage).quality == .reset)
        try tree.change(scopeB + "/cpu.stat", "usage_usec 1\n", "usage_usec 5000001\n")
        tree.tick(after: 10)
        #expect(isAbout(tree.reading(.cpuUsage), 0.5))
        tree.tick(after: 0)
        #expect(tree.reading(.cpuUsage).quality == .reset)
        tree.tick(after: 3_600)
        #expect(tree.reading(.cpuUsage).quality == .reset)
    }

    @Test("threads and descriptors are read every tenth tick and stale in between")
    func rarely() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        var fresh = 0
        for _ in 0..<20 {
            tree.tick()
            if tree.reading(.qemuThreads).quality == .ok {
                fresh += 1
            } else {
                #expect(tree.reading(.qemuThreads) == Reading(5, .stale))
            }
        }
        #expect(fresh == 3)
    }
}
