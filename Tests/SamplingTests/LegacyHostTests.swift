import HostReaders
import Sampling
import Signals
import Testing

@Suite("Sampling on hybrid and v1 hosts")
struct LegacyHostTests {
    private func machine(_ pid: Int32, _ generation: UInt64, tap: String) -> VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 3, low: 4), generation: generation)
        return VMDescription(record: VMRecord(identity: identity, name: "vm"), pid: pid, taps: [tap])
    }

    @Test("a v1 host tells the CPU time of all of it by its root group, a hybrid one by that of v2")
    func hostUsage() throws {
        let v1 = try HostTree("v1")
        v1.tick()
        try v1.write("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "46017985754134\n")
        v1.tick()
        #expect(isAbout(v1.sampler.frame[host: .hostCPUUsage], 1.5))
        let hybrid = try HostTree("hybrid")
        hybrid.tick()
        try hybrid.change("sys/fs/cgroup/unified/cpu.stat", "user_usec 500000", "user_usec 900000")
        hybrid.tick()
        #expect(isAbout(hybrid.sampler.frame[host: .hostCPUUsage], 0.4))
    }

    @Test("a hybrid host gives v2 CPU time and pressure, v1 throttling and memory")
    func hybrid() throws {
        let tree = try HostTree("hybrid")
        tree.sampler.add(machine(20_169, 215_515, tap: "tap0"))
        tree.tick()
        let scope = "/machine/qemu-1-vm-a.libvirt-qemu"
        let cgroup = "sys/fs/cgroup"
        try tree.change(cgroup + "/unified" + scope + "/cpu.stat", "usage_usec 1154444", "usage_usec 2154444")
        try tree.change(cgroup + "/unified" + scope + "/cpu.stat", "system_usec 449347", "system_usec 549347")
        try tree.change(cgroup + "/unified" + scope + "/cpu.pressure", "total=355668", "total=855668")
        try tree.change(cgroup + "/cpu" + scope + "/vcpu0/cpu.stat", "throttled_time 0", "throttled_time 750000000")
        try tree.change(cgroup + "/memory" + scope + "/memory.stat", "total_rss 121319424", "total_rss 121323520")
        try tree.change(cgroup + "/memory" + scope + "/memory.stat", "total_pgmajfault 0", "total_pgmajfault 3")
        try tree.write("proc/20169/task/20173/schedstat", "767686563 819664376 375\n")
        try tree.change(
            "proc/20169/io",
            "\nread_bytes: 225280\nwrite_bytes: 4096",
            "\nread_bytes: 225380\nwrite_bytes: 4396"
        )
        tree.tick()
        let expected: [(Signal, Double)] = [
            (.cpuUsage, 1), (.cpuSystemShare, 0.1), (.cpuPressureSome, 0.5), (.cpuThrottled, 0.75),
            (.cpuRunDelay, 0.25),
            (.memGrowth, 4_096), (.memMajorFaults, 3), (.memOOMEvents, 0), (.diskReadBytes, 100),
            (.diskWriteBytes, 300),
        ]
        for (signal, value) in expected {
            #expect(isAbout(tree.reading(signal), value), "\(signal): \(tree.reading(signal))")
        }
        // blkio of a kernel that counts nothing there is not zero requests.
        #expect(tree.reading(.diskReadOps) == .notObservable)
        #expect(tree.sampler.vanished.isEmpty)
    }

    @Test("a pure v1 host gives CPU time from cpuacct and storage from blkio, and has no pressure")
    func v1() throws {
        let tree = try HostTree("v1")
        tree.sampler.add(machine(777, 99, tap: "vnet0"))
        tree.tick()
        let scope = #"/machine.slice/machine-qemu\x2d3\x2dold.scope"#
        let cgroup = "sys/fs/cgroup"
        try tree.write(cgroup + "/cpu,cpuacct" + scope + "/cpuacct.usage", "9000000000\n")
        try tree.write(cgroup + "/cpu,cpuacct" + scope + "/cpuacct.stat", "user 600\nsystem 300\n")
        try tree.change(cgroup + "/cpu,cpuacct" + scope + "/cpu.stat", "throttled_time 0", "throttled_time 100000000")
        try tree.change(
            cgroup + "/cpu,cpuacct" + scope + "/vcpu0/cpu.stat",
            "throttled_time 300000000",
            "throttled_time 500000000"
        )
        try tree.change(cgroup + "/blkio" + scope + "/blkio.throttle.io_service_bytes", "Read 1000", "Read 3000")
        try tree.change(cgroup + "/blkio" + scope + "/blkio.throttle.io_serviced", "Write 20", "Write 24")
        tree.tick(after: 2)
        let expected: [(Signal, Double)] = [
            (.cpuUsage, 1), (.cpuSystemShare, 0.5), (.cpuThrottled, 0.15), (.memRSS, 104_857_600),
            (.diskReadBytes, 1_000), (.diskWriteBytes, 0), (.diskReadOps, 0), (.diskWriteOps, 2),
        ]
        for (signal, value) in expected {
            #expect(isAbout(tree.reading(signal), value), "\(signal): \(tree.reading(signal))")
        }
        #expect(tree.reading(.cpuPressureSome) == .notObservable)
        #expect(tree.reading(.memOOMEvents) == .notObservable)
    }
}
