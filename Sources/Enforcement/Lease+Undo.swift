import Signals

extension Lease {
    /// The command that undoes it with Quell's help: compared first, and the lease is closed.
    public var undoCommand: String { "quell release \(vm.uuid)" }

    /// The command that undoes it without Quell, safe to paste into a shell; `nil` where there is none in one line.
    ///
    /// A running daemon takes it for a reset or for a person's act: it is for when there is no daemon.
    public var undoWithoutQuell: String? {
        let domain = Self.domainArgument(name: name, uuid: vm.uuid)
        switch (knob, before) {
        case (.vcpuQuota, .quota(let quota)): return schedinfo(domain, "vcpu", quota)
        case (.emulatorQuota, .quota(let quota)): return schedinfo(domain, "emulator", quota)
        case (.iothreadQuota, .quota(let quota)): return schedinfo(domain, "iothread", quota)
        case (.cpuShares, .shares(let shares)): return "virsh schedinfo \(domain) --live --set cpu_shares=\(shares)"
        case (.disk(let target), .disk(let limit)): return blkdeviotune(domain, target, limit)
        case (.receive(let device), .bandwidth(let limit)): return Self.domiftune(domain, device, "inbound", limit)
        case (.transmit(let device), .bandwidth(let limit)): return Self.domiftune(domain, device, "outbound", limit)
        case (.memorySoftLimit, .memory(let bytes)):
            return "virsh memtune \(domain) --live --soft-limit \(bytes.map { String($0 / 1_024) } ?? "-1")"
        case (.balloon, .balloon(let bytes)): return "virsh setmem \(domain) \(bytes / 1_024) --live"
        case (.vcpuPins, .pins(let pins)):
            return pins.enumerated().map { "virsh vcpupin \(domain) \($0.offset) \($0.element) --live" }
                .joined(separator: "; ")
        case (.emulatorPins, .pins(let pins)): return pins.first.map { "virsh emulatorpin \(domain) \($0) --live" }
        case (.link(let device), .link(let isUp)):
            return "virsh domif-setlink \(domain) \(Self.shellQuoted(device)) \(isUp ? "up" : "down")"
        case (.power, .power(.running)): return "virsh resume \(domain)"
        case (.gpuPower(let address), .milliwatts(let value)):
            return "nvidia-smi -i \(Self.shellQuoted(address)) -pl \(Unit.digits(Double(value) / 1_000))"
        case (.gpuClocks(let address), .clocks(let clocks)):
            return "nvidia-smi -i \(Self.shellQuoted(address)) -ac \(clocks.memory),\(clocks.graphics)"
        default: return nil
        }
    }

    private func schedinfo(_ domain: String, _ threads: String, _ quota: VCPUQuota) -> String {
        var command = "virsh schedinfo \(domain) --live"
        if case .quota(let set) = set, quota.period != set.period, quota.period > 0 {
            command += " --set \(threads)_period=\(quota.period)"
        }
        return command + " --set \(threads)_quota=\(quota.quota ?? -1)"
    }

    /// Every value that Quell set or that there was before: libvirt keeps those that are left out.
    private func blkdeviotune(_ domain: String, _ target: String, _ limit: DiskLimit) -> String {
        var names = Set(limit.values.keys)
        for case .disk(let other)? in [set, pending] { names.formUnion(other.values.keys) }
        let options = names.sorted().map { name in
            let unit = ["bytes", "iops"].first { name.contains($0) } ?? ""
            let option = name.replacing(unit, with: unit + "_sec").replacing("_", with: "-")
            return "--\(option) \(limit[name])"
        }
        return (["virsh blkdeviotune \(domain) \(Self.shellQuoted(target)) --live"] + options).joined(separator: " ")
    }

    private static func domiftune(_ domain: String, _ device: String, _ way: String, _ limit: Bandwidth) -> String {
        let values = limit.isNone ? "0" : "\(limit.average),\(limit.peak),\(limit.burst)"
        let floor = limit.floor > 0 ? ",\(limit.floor)" : ""
        return "virsh domiftune \(domain) \(shellQuoted(device)) --live --\(way) \(values)\(floor)"
    }

    /// How virsh is told which VM: by name, unless it would take the name for an option, a domain id or another's UUID.
    static func domainArgument(name: String, uuid: VMUUID) -> String {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
        let isNumber = name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let isOption = name.utf8.first == UInt8(ascii: "-") || name.utf8.first == UInt8(ascii: "+")
        let hexDigits = name.utf8.count { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
            case UInt8(ascii: "A")...UInt8(ascii: "F"): true
            default: false
            }
        }
        // libvirt reads 32 hexadecimal digits as a UUID wherever the dashes are (`virUUIDParse`).
        return isPlain && !isNumber && !isOption && hexDigits < 32 ? shellQuoted(name) : uuid.description
    }

    /// A word that a POSIX shell takes literally (POSIX.1-2017, 2.2.2 single quotes).
    static func shellQuoted(_ word: String) -> String {
        let isSafe = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        if isSafe, !word.isEmpty { return word }
        var quoted = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }
}
