import Foundation
import HostReaders
import Sampling
import Signals
import Testing

/// A simulated host of one VM on cgroup v2 whose true activity is known, written to a fixture tree tick by tick.
final class KnownHost {
    /// A counter by what it counts; a number tells parts of a kind apart.
    enum Key: Hashable {
        case usage, user, system, scopeThrottled, cpuSome, cpuFull, memSome, memFull, ioSome, ioFull
        case faults, kills, hostCPU, hostMemory, hostIO, agent
        case delay(Int), throttled(Int)
        case disk(Int, Int)
        case tap(Int, Int)
    }

    /// A file that may be broken for a tick.
    enum File: CaseIterable {
        case cpuStat, cpuPressure, memPressure, ioPressure, memStat, memEvents, ioStat, netDev, schedstat
        case hostCPU, hostMemory, hostIO
    }

    /// What was done in each of the last intervals, and when the counter was made.
    private struct Known {
        var shown: UInt64
        var steps: [(seconds: Double, amount: UInt64)] = []
        var pending: UInt64 = 0
    }

    let tree: HostTree
    private(set) var generation: UInt64 = 215_515
    private(set) var vcpus = [0, 1]
    private(set) var disks = [0]
    private(set) var taps = [0]
    private(set) var isPaused = false
    private(set) var rss: UInt64 = 500_000_000
    private(set) var rssSteps: [(seconds: Double, amount: Double)] = []
    private var known: [Key: Known] = [:]
    private var broken: [File: String] = [:]
    private var generator: SplitMix64

    init(seed: Int) throws {
        tree = try HostTree("v2")
        generator = SplitMix64(seed: UInt64(seed))
        try add(0)
        try write()
        tree.sampler.add(description)
    }

    /// The VM as it is now.
    var description: VMDescription {
        var record = VMRecord(
            identity: VMIdentity(uuid: VMUUID(high: 1, low: 2), generation: generation),
            name: "vm-b",
            vcpus: vcpus.count
        )
        record.running = !isPaused
        return VMDescription(record: record, pid: 4_242, taps: taps.map { "vnet\($0)" })
    }

    /// Lets an interval pass in which everything does something, unless the VM is paused.
    ///
    /// - Parameter seconds: How far the clock moves; 0 and less where it stands or goes back.
    func work(_ seconds: Double) {
        for key in keys {
            var counter = known[key] ?? Known(shown: generator.next() >> 24)
            let most = UInt64(max(1, seconds) * limit(of: key))
            let amount = isPaused && !isOfHost(key) ? 0 : generator.next() % (1 + most)
            counter.shown &+= amount
            counter.pending &+= amount
            if seconds > 0 {
                counter.steps.append((seconds, counter.pending))
                counter.pending = 0
                if counter.steps.count > 80 { counter.steps.removeFirst() }
            } else if seconds < 0 {
                counter.steps = []
                counter.pending = 0
            }
            known[key] = counter
        }
        let before = rss
        rss = min(4 << 30, max(1 << 20, rss &+ generator.next() % 50_000_000 &- 25_000_000))
        rssSteps.append((seconds, Double(rss) - Double(before)))
        if rssSteps.count > 80 { rssSteps.removeFirst() }
        if seconds < 0 { rssSteps = [] }
    }

    /// The counters that there are now.
    private var keys: [Key] {
        let one: [Key] = [
            .usage, .user, .system, .scopeThrottled, .cpuSome, .cpuFull, .memSome, .memFull, .ioSome, .ioFull, .faults,
            .kills, .hostCPU, .hostMemory, .hostIO, .agent,
        ]
        let perVCPU = vcpus.flatMap { [Key.delay($0), .throttled($0)] }
        let perDisk = disks.flatMap { disk in (0..<4).map { Key.disk(disk, $0) } }
        return one + perVCPU + perDisk + taps.flatMap { tap in (0..<8).map { Key.tap(tap, $0) } }
    }

    private func isOfHost(_ key: Key) -> Bool { [.hostCPU, .hostMemory, .hostIO, .agent].contains(key) }

    /// The most that a counter counts in a second.
    private func limit(of key: Key) -> Double {
        switch key {
        case .delay: 1e9
        case .faults, .kills, .agent: 100
        case .disk, .tap: 1e8
        default: 1e6
        }
    }

    /// What a counter did in the last interval, a second.
    func truth(_ key: Key, scale: Double) -> Double {
        guard let last = known[key]?.steps.last else { return 0 }
        return Double(last.amount) * scale / last.seconds
    }

    /// The most that a counter can have done on average over any interval that ends now.
    func most(_ key: Key, scale: Double) -> Double {
        guard let counter = known[key] else { return 0 }
        var (amount, seconds, most) = (Double(counter.pending), 0.0, 0.0)
        for step in counter.steps.reversed() {
            amount += Double(step.amount)
            seconds += step.seconds
            most = max(most, amount * scale / seconds)
        }
        return most
    }

    /// The least and the most average growth of the memory over any interval that ends now.
    var growth: ClosedRange<Double> {
        var (amount, seconds, least, most) = (0.0, 0.0, 0.0, 0.0)
        for step in rssSteps.reversed() {
            amount += step.amount
            seconds += step.seconds
            guard seconds > 0 else { continue }
            least = min(least, amount / seconds)
            most = max(most, amount / seconds)
        }
        return least...most
    }

    /// Pauses or resumes the VM.
    func togglePause() {
        isPaused.toggle()
        tree.sampler.update(description.record)
    }

    /// Lets some counter begin again.
    func restartCounter() {
        guard let key = keys.filter({ !isOfHost($0) }).randomElement(using: &generator) else { return }
        known[key]?.shown = generator.next() % 100
    }

    /// Breaks a file for one tick.
    func breakFile() {
        let texts = [
            "", "\n", "\0\0\0\0\n", "garbage\n", "usage_usec\nsome\nanon\n", "some avg10=0.00 total=12", "12 34",
            "usage_usec 18446744073709551616\n", "some avg10=0.00 avg60=0.00 avg300=0.00 total=9\r\n", "-1 -1 -1\n",
            "anon 99999999999999999999\n", "9:9 rbytes=x\n",
        ]
        guard let file = File.allCases.randomElement(using: &generator) else { return }
        broken[file] = texts.randomElement(using: &generator) ?? ""
    }

    /// Plugs in or takes away a vCPU, a disk or an interface, each with counters that begin anywhere.
    func plug() throws {
        switch generator.next() % 3 {
        case 0:
            if vcpus.count > 1, generator.chance(0.5) {
                let vcpu = vcpus.removeLast()
                try tree.remove(scopeB + "/libvirt/vcpu\(vcpu)")
                try tree.remove("proc/4242/task/\(Self.thread(vcpu))")
                (known[.delay(vcpu)], known[.throttled(vcpu)]) = (nil, nil)
            } else if vcpus.count < 5 {
                try add((vcpus.last ?? -1) + 1)
            }
        case 1:
            if !disks.isEmpty, generator.chance(0.5) {
                let disk = disks.removeLast()
                for column in 0..<4 { known[.disk(disk, column)] = nil }
            } else if disks.count < 4 {
                disks.append((disks.last ?? -1) + 1)
            }
        default:
            if !taps.isEmpty, generator.chance(0.5) {
                let tap = taps.removeLast()
                for column in 0..<8 { known[.tap(tap, column)] = nil }
            } else if taps.count < 4 {
                taps.append((taps.last ?? -1) + 1)
            }
        }
        try write()
        tree.sampler.update(description)
    }

    /// Lets the VM start again: another process, with all its counters anew.
    func restartVM() throws {
        let old = description.record.identity
        generation += 1
        isPaused = false
        known = known.filter { isOfHost($0.key) }
        rssSteps = []
        work(0)
        for key in keys where !isOfHost(key) { known[key]?.pending = 0 }
        try write()
        if generator.chance(0.5) { tree.sampler.remove(old) }
        tree.sampler.add(description)
        tree.sampler.remove(old)
    }

    /// The row of the VM.
    var slot: VMSlot? { tree.sampler.frame.slot(of: description.record.identity) }

    /// Writes all files, the broken ones as they are broken, and mends those for the next time.
    func write() throws {
        let shown = { (key: Key) in self.known[key]?.shown ?? 0 }
        func put(_ file: File, _ name: String, _ text: String) throws {
            try tree.write(name, broken.removeValue(forKey: file) ?? text)
        }
        func pressure(_ some: Key, _ full: Key) -> String {
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=\(shown(some))\n"
                + "full avg10=0.00 avg60=0.00 avg300=0.00 total=\(shown(full))\n"
        }
        try put(
            .cpuStat,
            scopeB + "/cpu.stat",
            "usage_usec \(shown(.usage))\nuser_usec \(shown(.user))\nsystem_usec \(shown(.system))\n"
                + "nr_throttled 1\nthrottled_usec \(shown(.scopeThrottled))\n"
        )
        try put(.cpuPressure, scopeB + "/cpu.pressure", pressure(.cpuSome, .cpuFull))
        try put(.memPressure, scopeB + "/memory.pressure", pressure(.memSome, .memFull))
        try put(.ioPressure, scopeB + "/io.pressure", pressure(.ioSome, .ioFull))
        let stat = "anon \(rss)\nfile 900000000\nshmem 0\npgmajfault \(shown(.faults))\n"
        try put(.memStat, scopeB + "/memory.stat", stat)
        try tree.write(scopeB + "/memory.current", "\(rss + 900_000_000)\n")
        try put(.memEvents, scopeB + "/memory.events", "low 0\noom_kill \(shown(.kills))\n")
        let lines = disks.map { disk in
            let values = (0..<4).map { shown(.disk(disk, $0)) }
            return "8:\(disk) rbytes=\(values[0]) wbytes=\(values[1]) rios=\(values[2]) wios=\(values[3])\n"
        }
        try put(.ioStat, scopeB + "/io.stat", lines.joined())
        let rows = taps.map { tap in
            let values = (0..<8).map { "\(shown(.tap(tap, $0)))" }
            return " vnet\(tap): \(values[0..<4].joined(separator: " ")) 0 0 0 0 "
                + "\(values[4..<8].joined(separator: " ")) 0 0 0 0\n"
        }
        try put(.netDev, "proc/net/dev", "Inter-|\n face |\n" + rows.joined())
        for vcpu in vcpus {
            try put(.schedstat, "proc/4242/task/\(Self.thread(vcpu))/schedstat", "5 \(shown(.delay(vcpu))) 5\n")
            let text = "usage_usec 1\nnr_throttled 1\nthrottled_usec \(shown(.throttled(vcpu)))\n"
            try tree.write(scopeB + "/libvirt/vcpu\(vcpu)/cpu.stat", text)
        }
        try put(.hostCPU, "proc/pressure/cpu", pressure(.hostCPU, .hostCPU))
        try put(.hostMemory, "proc/pressure/memory", pressure(.hostMemory, .hostMemory))
        try put(.hostIO, "proc/pressure/io", pressure(.hostIO, .hostIO))
        try tree.write(
            "proc/4242/stat",
            "4242 (qemu) S 1 1 1 0 -1 0 1 0 0 0 1 1 0 0 20 0 \(3 + vcpus.count) 0 \(generation) 1000 10 0 0\n"
        )
        try tree.write(
            "proc/self/stat",
            "9 (quelld) S 1 1 1 0 -1 0 1 0 0 0 \(shown(.agent)) 0 0 0 20 0 1 0 1 1000 10 0 0\n"
        )
    }

    /// The thread of a vCPU; the first two are those of the fixture.
    private static func thread(_ vcpu: Int) -> Int { vcpu < 2 ? 4_250 + vcpu : 4_300 + vcpu }

    /// Makes the files of a vCPU.
    private func add(_ vcpu: Int) throws {
        let files = FileManager.default
        let group = tree.path + "/" + scopeB + "/libvirt/vcpu\(vcpu)"
        let task = tree.path + "/proc/4242/task/\(Self.thread(vcpu))"
        try files.createDirectory(atPath: group, withIntermediateDirectories: true)
        try files.createDirectory(atPath: task, withIntermediateDirectories: true)
        try Data("\(Self.thread(vcpu))\n".utf8).write(to: URL(fileURLWithPath: group + "/cgroup.threads"))
        try Data().write(to: URL(fileURLWithPath: group + "/cpu.stat"))
        try Data().write(to: URL(fileURLWithPath: task + "/schedstat"))
        try Data("CPU \(vcpu)/KVM\n".utf8).write(to: URL(fileURLWithPath: task + "/comm"))
        if !vcpus.contains(vcpu) { vcpus.append(vcpu) }
    }
}
