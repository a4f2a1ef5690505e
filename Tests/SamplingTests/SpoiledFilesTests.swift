import Foundation
import HostReaders
import Sampling
import Signals
import Testing

/// A fixture tree with its VM, and which signals each file feeds.
struct FedHost: CustomTestStringConvertible {
    /// The tree.
    var name: String
    var pid: Int32
    var generation: UInt64
    var tap: String
    /// The files, each with its signals.
    var files: [(path: String, feeds: [Signal])]

    var testDescription: String { name }

    var vm: VMDescription {
        let identity = VMIdentity(uuid: VMUUID(high: 3, low: 4), generation: generation)
        return VMDescription(record: VMRecord(identity: identity, name: "vm", vcpus: 2), pid: pid, taps: [tap])
    }

    private static let disk: [Signal] = [.diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps]
    private static let kinds: [Signal] = [.memRSS, .memGrowth, .memMajorFaults, .memSwapHeld]
    private static let net: [Signal] = [
        .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast,
    ]
    private static let ofHost: [(path: String, feeds: [Signal])] = [
        ("proc/net/dev", net), ("proc/pressure/cpu", [.hostCPUPressure]), ("proc/pressure/memory", [.hostMemPressure]),
        ("proc/pressure/io", [.hostIOPressure]), ("proc/loadavg", [.hostRunQueue]),
        ("proc/self/stat", [.agentCPU, .agentRSS]),
    ]
    private static let hybridScope = "/machine/qemu-1-vm-a.libvirt-qemu/"
    private static let v1Scope = #"/machine.slice/machine-qemu\x2d3\x2dold.scope/"#
    private static let root = "sys/fs/cgroup/"

    static let all = [
        FedHost(
            name: "v2",
            pid: 4_242,
            generation: 215_515,
            tap: "vnet0",
            files: ofHost + [
                (scopeB + "/cpu.stat", [.cpuUsage, .cpuSystemShare, .cpuThrottled]),
                (scopeB + "/cpu.pressure", [.cpuPressureSome, .cpuPressureFull]),
                (scopeB + "/memory.stat", kinds),
                (scopeB + "/memory.events", [.memOOMEvents]),
                (scopeB + "/memory.pressure", [.memPressureSome, .memPressureFull]),
                (scopeB + "/io.pressure", [.ioPressureSome, .ioPressureFull]),
                (scopeB + "/io.stat", disk),
                (scopeB + "/libvirt/vcpu0/cpu.stat", [.cpuThrottled]),
                ("proc/4242/task/4250/schedstat", [.cpuRunDelay]),
                ("proc/4242/stat", [.qemuThreads, .qemuFDs]),
            ]
        ),
        FedHost(
            name: "hybrid",
            pid: 20_169,
            generation: 215_515,
            tap: "tap0",
            files: ofHost + [
                (root + "unified" + hybridScope + "cpu.stat", [.cpuUsage, .cpuSystemShare, .cpuThrottled]),
                (root + "unified" + hybridScope + "cpu.pressure", [.cpuPressureSome, .cpuPressureFull]),
                (root + "unified" + hybridScope + "memory.pressure", [.memPressureSome, .memPressureFull]),
                (root + "unified" + hybridScope + "io.pressure", [.ioPressureSome, .ioPressureFull]),
                (root + "cpu" + hybridScope + "cpu.stat", [.cpuThrottled]),
                (root + "cpu" + hybridScope + "vcpu0/cpu.stat", [.cpuThrottled]),
                (root + "memory" + hybridScope + "memory.stat", kinds),
                (root + "memory" + hybridScope + "memory.oom_control", [.memOOMEvents]),
                ("proc/20169/io", disk), ("proc/20169/task/20173/schedstat", [.cpuRunDelay]),
                ("proc/20169/stat", [.qemuThreads, .qemuFDs]),
            ]
        ),
        FedHost(
            name: "v1",
            pid: 777,
            generation: 99,
            tap: "vnet0",
            files: ofHost + [
                (root + "cpu,cpuacct" + v1Scope + "cpuacct.usage", [.cpuUsage, .cpuSystemShare]),
                (root + "cpu,cpuacct" + v1Scope + "cpuacct.stat", [.cpuSystemShare]),
                (root + "cpu,cpuacct" + v1Scope + "cpu.stat", [.cpuThrottled]),
                (root + "cpu,cpuacct" + v1Scope + "vcpu0/cpu.stat", [.cpuThrottled]),
                (root + "blkio" + v1Scope + "blkio.throttle.io_service_bytes", disk),
                (root + "blkio" + v1Scope + "blkio.throttle.io_serviced", disk),
                (root + "memory" + v1Scope + "memory.stat", kinds),
                (root + "memory" + v1Scope + "memory.oom_control", [.memOOMEvents]),
                ("proc/777/task/780/schedstat", [.cpuRunDelay]), ("proc/777/stat", [.qemuThreads, .qemuFDs]),
            ]
        ),
    ]
}

@Suite("Kernel files that are missing, cut, malformed or hostile, on every kind of host")
struct SpoiledFilesTests {
    /// All readings of the VM and of the host.
    private func readings(_ frame: Frame) -> [Reading] {
        Signal.allCases.map { frame[VMSlot(0), $0] } + Signal.allCases.map { frame[host: $0] }
    }

    /// The signals whose quality or value is another, with what is read every tenth tick taken as read.
    private func changes(_ before: [Reading], _ after: [Reading]) -> [(signal: Signal, reading: Reading)] {
        zip(Signal.allCases + Signal.allCases, zip(before, after)).compactMap { signal, pair in
            var (old, new) = pair
            if old.quality == .stale { old.quality = .ok }
            if new.quality == .stale { new.quality = .ok }
            return old == new ? nil : (signal, new)
        }
    }

    @Test("a spoiled file gives no value, disturbs no other and is read again once mended", arguments: FedHost.all)
    func spoiled(host: FedHost) throws {
        for (path, feeds) in host.files {
            let tree = try HostTree(host.name)
            tree.sampler.add(host.vm)
            // By the eleventh tick all that is read rarely has been read.
            for _ in 0..<11 { tree.tick() }
            let calm = readings(tree.sampler.frame)
            let text = try String(contentsOfFile: tree.path + "/" + path, encoding: .utf8)
            // The long line costs an unoptimised parser much: one file of each kind is enough.
            let isLong = feeds.contains { [.cpuUsage, .cpuRunDelay, .netRxBytes, .diskReadBytes].contains($0) }
            for spoiling in Spoiling.allCases where isLong || spoiling != .longLine {
                try tree.write(path, bytes: spoiling.of(text))
                tree.tick()
                for (signal, reading) in changes(calm, readings(tree.sampler.frame)) {
                    let place = "\(host.name): \(path), \(spoiling): \(signal) is \(reading)"
                    #expect(feeds.contains(signal) && reading.quality != .ok && reading.value == 0, "\(place)")
                }
                try tree.write(path, text)
                for _ in 0..<2 { tree.tick() }
                let left = changes(calm, readings(tree.sampler.frame))
                #expect(left.isEmpty, "\(host.name): \(path) after \(spoiling): \(left)")
                #expect(tree.sampler.vanished.isEmpty, "\(host.name): \(path), \(spoiling)")
            }
        }
    }

    @Test("a missing file is not observable, and disturbs no other signal", arguments: FedHost.all)
    func missing(host: FedHost) throws {
        let whole = try HostTree(host.name)
        whole.sampler.add(host.vm)
        for _ in 0..<11 { whole.tick() }
        let calm = readings(whole.sampler.frame)
        // Without its process's stat a VM is gone, which is another test's matter.
        for (path, feeds) in host.files where !feeds.contains(.qemuThreads) {
            let tree = try HostTree(host.name)
            try tree.remove(path)
            let sampler = HostSampler(roots: tree.roots, hostCPUs: 2, calmEvery: 1)
            sampler.add(host.vm)
            for tick in 1...11 { sampler.tick(at: MonotonicTime(seconds: Double(100 + tick))) }
            for (signal, reading) in changes(calm, readings(sampler.frame)) {
                #expect(feeds.contains(signal), "\(host.name) without \(path): \(signal) is \(reading)")
                // Where another file stands in, a rate is 0 as the others are; what is held may be counted otherwise.
                let isRate = signal != .memRSS
                #expect(!isRate || reading.value == 0, "\(host.name) without \(path): \(signal) is \(reading)")
            }
            #expect(sampler.faults.count == 0 && sampler.vanished.isEmpty, "\(host.name) without \(path)")
        }
    }

    /// A file of sysfs whose read fails as that of a PSI file does where PSI is switched off.
    private static let refusing = "/sys/class/net/lo/speed"

    @Test(
        "pressure that the kernel has switched off is not observable, also where the file is there",
        .enabled(if: HostDirectory.exists(Self.refusing) && HostDirectory.bytes(of: Self.refusing) == nil)
    )
    func switchedOff() throws {
        let tree = try HostTree("v2")
        for path in [scopeB + "/cpu.pressure", scopeB + "/io.pressure", "proc/pressure/memory"] {
            try tree.remove(path)
            try FileManager.default.createSymbolicLink(
                atPath: tree.path + "/" + path,
                withDestinationPath: Self.refusing
            )
        }
        let sampler = HostSampler(roots: tree.roots, hostCPUs: 2, calmEvery: 1)
        sampler.add(virtualMachineB())
        for tick in 1...3 { sampler.tick(at: MonotonicTime(seconds: Double(100 + tick))) }
        for signal in [Signal.cpuPressureSome, .cpuPressureFull, .ioPressureSome, .ioPressureFull] {
            #expect(sampler.frame[VMSlot(0), signal] == .notObservable, "\(signal)")
        }
        #expect(sampler.frame[host: .hostMemPressure] == .notObservable)
        #expect(sampler.frame[VMSlot(0), .memPressureSome].quality == .ok)
        #expect(sampler.faults.count == 0)
    }

    @Test("a file larger than any that is read is a fault, and the tick goes on")
    func tooLong() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        try tree.write(scopeB + "/cpu.stat", bytes: [UInt8](repeating: 0x0A, count: 8 << 20))
        tree.tick()
        #expect(tree.reading(.cpuUsage) == .missing)
        #expect(tree.reading(.memPressureSome).quality == .ok)
        #expect(tree.sampler.faults.latest?.reason == .failed(EFBIG))
    }

    @Test("a tick without the kinds of memory is no growth, and the total does not stand in for them")
    func memoryKinds() throws {
        let tree = try HostTree("v2")
        tree.sampler.add(virtualMachineB())
        tree.tick()
        let text = try String(contentsOfFile: tree.path + "/" + scopeB + "/memory.stat", encoding: .utf8)
        try tree.write(scopeB + "/memory.stat", "")
        tree.tick()
        #expect(tree.reading(.memRSS) == .missing)
        #expect(tree.reading(.memGrowth) == .missing)
        try tree.write(scopeB + "/memory.stat", text)
        tree.tick()
        #expect(isAbout(tree.reading(.memGrowth), 0))
    }
}
