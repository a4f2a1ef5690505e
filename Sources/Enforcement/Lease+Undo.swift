import Signals

extension Lease {
    /// The command that undoes it with Quell's help: compared first, and the lease is closed.
    public var undoCommand: String { "quell release \(vm.uuid)" }

    /// The command that undoes it without Quell, safe to paste into a shell.
    ///
    /// A running daemon takes it for a reset and sets its value again, up to ``Enforcer/mostReapplications`` times:
    /// it is for when there is no daemon.
    public var undoWithVirsh: String {
        var command = "virsh schedinfo \(Self.domainArgument(name: name, uuid: vm.uuid)) --live"
        if before.period != set.period, before.period > 0 { command += " --set vcpu_period=\(before.period)" }
        return command + " --set vcpu_quota=\(before.quota ?? -1)"
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
