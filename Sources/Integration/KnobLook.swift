import Foundation
import Signals

/// How the knobs of a guest stand in the kernel, in QEMU and in the guest itself; never by Quell's own account.
///
/// What is seen is a text, the same for the same state, so that before and after can be compared whatever it is.
struct KnobLook {
    /// The bed.
    let bed: Bed
    /// The guest.
    let guest: Guest

    /// How a knob stands.
    ///
    /// - Parameter knob: The knob.
    /// - Returns: The state.
    /// - Throws: ``BedError`` where it cannot be seen.
    func state(_ knob: Knob) throws(BedError) -> String {
        switch knob {
        case .vcpuQuota: return bandwidth(threads("CPU "))
        case .emulatorQuota: return bandwidth([guest.pid])
        case .iothreadQuota: return bandwidth(threads("IO iothread"))
        case .cpuShares: return try weight()
        case .disk: return try diskLimits()
        case .receive(let device), .transmit(let device): return try queues(of: device)
        case .memorySoftLimit: return try softLimit()
        case .balloon: return "\(try monitor("query-balloon")["actual"] as? Int ?? -1)"
        case .vcpuPins: return pins(threads("CPU "))
        case .emulatorPins: return pins([guest.pid])
        case .iothreadPins: return pins(threads("IO iothread"))
        case .link: return "\(try guest.counts().carriers) up"
        case .filter(let device): return try frameRules(of: device)
        case .power: return try monitor("query-status")["status"] as? String ?? "unknown"
        case .cacheGroup, .gpuPower, .gpuClocks, .gpuSchedule: throw .missing("\(knob) is not libvirt's")
        }
    }

    /// The threads of its QEMU whose name begins so, lowest name first.
    ///
    /// - Parameter prefix: How the name begins.
    /// - Returns: Their ids.
    func threads(_ prefix: String) -> [Int32] {
        let all = Files.names(in: "/proc/\(guest.pid)/task").compactMap { Int32($0) }
        let named = all.map { (tid: $0, name: Files.text("/proc/\(guest.pid)/task/\($0)/comm") ?? "") }
        return named.filter { $0.name.hasPrefix(prefix) }.sorted { $0.name < $1.name }.map(\.tid)
    }

    /// The CPU time that threads of its QEMU have used so far (`/proc/PID/task/TID/schedstat`).
    ///
    /// - Parameter threads: The threads.
    /// - Returns: Seconds.
    func seconds(of threads: [Int32]) -> Double {
        threads.reduce(0) { sum, tid in
            let words = (Files.text("/proc/\(guest.pid)/task/\(tid)/schedstat") ?? "").split(separator: " ")
            return sum + (words.first.flatMap { Double($0) } ?? 0) / 1e9
        }
    }

    /// The CPUs that threads of its QEMU ran on last (field 39 of `/proc/PID/task/TID/stat`).
    ///
    /// - Parameter threads: The threads.
    /// - Returns: The CPUs.
    func cpus(of threads: [Int32]) -> Set<Int> {
        Set(
            threads.compactMap { tid in
                let text = Files.text("/proc/\(guest.pid)/task/\(tid)/stat") ?? ""
                let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
                return fields.count > 36 ? Int(fields[36]) : nil
            }
        )
    }

    /// Bytes that it has written to its disk so far, as QEMU has counted them.
    ///
    /// - Returns: Bytes.
    /// - Throws: ``BedError`` where QEMU does not tell.
    func written() throws(BedError) -> Double {
        let disks = try answer("query-blockstats") as? [[String: Any]] ?? []
        guard let stats = disks.first?["stats"] as? [String: Any], let bytes = stats["wr_bytes"] as? Double else {
            throw .missing("QEMU tells no bytes written by \(guest.name)")
        }
        return bytes
    }

    /// A counter of the kernel's of its first interface, by the host's device.
    ///
    /// - Parameter name: Its name: `tx_packets` counts what goes towards the guest.
    /// - Returns: The count.
    func packets(_ name: String) -> Double {
        Double(Files.number("/sys/class/net/\(guest.tap)/statistics/\(name)") ?? 0)
    }

    /// How fast something grows.
    ///
    /// - Parameters:
    ///   - seconds: Over how long.
    ///   - count: What it has come to.
    /// - Returns: Its growth a second.
    /// - Throws: What `count` throws.
    static func rate(_ seconds: Double, _ count: () throws(BedError) -> Double) throws(BedError) -> Double {
        let start = Moment.now
        let before = try count()
        try Wait.seconds(seconds)
        let after = try count()
        return (after - before) / start.age
    }
}

extension KnobLook {
    private func bandwidth(_ threads: [Int32]) -> String {
        threads.map { tid in
            guard let place = Cgroups.cpu(ofTask: "/proc/\(guest.pid)/task/\(tid)") else { return "gone" }
            let vcpu = VCPU(pid: guest.pid, tid: tid, cgroup: place.path, isUnified: place.isUnified)
            return vcpu.quota.map { "\($0)" } ?? "gone"
        }.joined(separator: ", ")
    }

    private func pins(_ threads: [Int32]) -> String {
        threads.map { tid in
            let lines = (Files.text("/proc/\(guest.pid)/task/\(tid)/status") ?? "").split(separator: "\n")
            let line = lines.first { $0.hasPrefix("Cpus_allowed_list:") }
            return line?.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? "gone"
        }.joined(separator: " and ")
    }

    /// The weight of the whole guest: that of the cgroup around those of its threads.
    private func weight() throws(BedError) -> String {
        guard let place = Cgroups.cpu(ofTask: "/proc/\(guest.pid)/task/\(guest.pid)") else {
            throw .missing("\(guest.name) is gone")
        }
        var whole = (place.path as NSString).deletingLastPathComponent
        // Under systemd the groups of the threads lie in one named `libvirt` within the scope.
        if whole.hasSuffix("/libvirt") { whole = (whole as NSString).deletingLastPathComponent }
        let file = whole + (place.isUnified ? "/cpu.weight" : "/cpu.shares")
        guard let weight = Files.number(file) else { throw .file(path: file, why: "cannot be read") }
        return "\(weight)"
    }

    private func softLimit() throws(BedError) -> String {
        guard let path = Cgroups.memory(ofTask: "/proc/\(guest.pid)") else {
            throw .missing("no memory controller")
        }
        for name in ["memory.soft_limit_in_bytes", "memory.high"] {
            guard let text = Files.text(path + "/" + name) else { continue }
            let word = text.trimmingCharacters(in: .whitespacesAndNewlines)
            // The largest number of pages means none on cgroup v1.
            return word == "max" || word == "9223372036854771712" ? "none" : word
        }
        throw .file(path: path, why: "has no soft limit")
    }

    /// The limits of its first disk that QEMU has in force, by QEMU's names.
    private func diskLimits() throws(BedError) -> String {
        let disks = try answer("query-block") as? [[String: Any]] ?? []
        guard let values = disks.first?["inserted"] as? [String: Any] else { throw .missing("QEMU has no disk") }
        let limits = values.compactMap { name, value -> String? in
            guard name.hasPrefix("bps") || name.hasPrefix("iops"), let number = value as? Int, number > 0 else {
                return nil
            }
            // A burst is as long as its limit by default.
            return name.hasSuffix("_length") && number == 1 ? nil : "\(name) \(number)"
        }
        return limits.isEmpty ? "none" : limits.sorted().joined(separator: ", ")
    }

    /// The queues and classes of an interface but for those that limit nothing.
    private func queues(of device: String) throws(BedError) -> String {
        var found: [String] = []
        for line in try Shell.run(["tc", "qdisc", "show", "dev", device]).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 2, ["htb", "ingress"].contains(words[1]) { found.append(String(words[1])) }
        }
        for line in try Shell.run(["tc", "class", "show", "dev", device]).split(separator: "\n") {
            let words = line.split(separator: " ")
            if let place = words.firstIndex(of: "rate"), place + 1 < words.count {
                found.append(String(words[place + 1]))
            }
        }
        return found.isEmpty ? "none" : found.joined(separator: " ")
    }

    /// The rules of the packet filter that concern an interface.
    private func frameRules(of device: String) throws(BedError) -> String {
        let text = try Shell.run(["ebtables", "-t", "nat", "-L"])
        var chain = ""
        var rules: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Bridge chain: ") {
                chain = String(line.dropFirst(14).prefix { $0 != "," })
            } else if line.hasPrefix("-"), chain.hasSuffix("-" + device), let target = line.split(separator: " ").last {
                rules.append("\(chain.dropFirst(8).prefix(1)) \(target)")
            }
        }
        return rules.isEmpty ? "none" : rules.joined(separator: ", ")
    }

    private func monitor(_ command: String) throws(BedError) -> [String: Any] {
        try answer(command) as? [String: Any] ?? [:]
    }

    /// What QEMU answers to a command of its monitor.
    private func answer(_ command: String) throws(BedError) -> Any? {
        let text = try bed.virsh(["qemu-monitor-command", guest.name, "{\"execute\":\"\(command)\"}"])
        let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return object?["return"]
    }
}
