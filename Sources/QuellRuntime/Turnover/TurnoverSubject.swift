import Foundation
import Libvirt
import Signals

/// A VM that is to be gone, as far as is known of it.
struct TurnoverSubject: Equatable, Sendable {
    /// Its UUID; `nil` where nobody knows it any more.
    var uuid: VMUUID?
    /// Its name; `nil` where nobody knows it any more, or another VM has it now.
    var name: String?
    /// What libvirt still says of it; `nil` where it knows it no more.
    var definition: DomainDescription?
    /// What its description names as places of data; `nil` where libvirt knows it no more.
    var places: DomainStorage?
    /// Devices of its interfaces on the host, as far as they are known.
    var taps: Set<String> = []

    /// The name as libvirt shortens it for files of one start: its first 20 characters (`virDomainDefGetShortName`).
    var shortName: String? { name.map { String($0.unicodeScalars.prefix(20).map(Character.init)) } }

    /// Whether a name is one: no path, no control characters, of bounded length.
    ///
    /// - Parameter name: The name.
    /// - Returns: Whether it is.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
            && name.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether a file's name begins with the number of a start, a dash and the shortened name, and ends as is said.
    ///
    /// - Parameters:
    ///   - file: The file's name.
    ///   - prefix: What comes before the number.
    ///   - suffix: What comes after the name.
    /// - Returns: Whether it does.
    func isOfOneStart(_ file: String, prefix: String = "", suffix: String = "") -> Bool {
        guard let shortName, let rest = Self.afterNumber(file, prefix) else { return false }
        return rest == shortName + suffix
    }

    /// Whether the name of a cgroup is the one that libvirt gave to it: `machine-qemu\x2d1\x2dname.scope` where systemd
    /// made it, else `qemu-1-name.libvirt-qemu`.
    ///
    /// - Parameter group: The last part of the cgroup's path.
    /// - Returns: Whether it is.
    func isCgroup(_ group: String) -> Bool {
        guard let name else { return false }
        if group.hasPrefix("machine-"), group.hasSuffix(".scope") {
            let escaped = group.dropFirst("machine-".utf8.count).dropLast(".scope".utf8.count)
            return isMachine(Self.unescaped(escaped), name)
        }
        guard group.hasSuffix(".libvirt-qemu") else { return false }
        let machine = String(group.dropLast(".libvirt-qemu".utf8.count))
        return isMachine(machine, name) || machine == name
    }

    /// Whether a volume goes by its name or its UUID: `web-1`, `web-1.qcow2`, `…/instances/UUID/disk`.
    ///
    /// - Parameter volume: The volume.
    /// - Returns: Whether it does.
    func isVolume(_ volume: StorageVolume) -> Bool {
        if let uuid, volume.path.lowercased().contains(uuid.description) { return true }
        guard let name else { return false }
        return volume.name == name
            || ["qcow2", "raw", "img", "qed", "vmdk", "vdi"].contains { volume.name == "\(name).\($0)" }
    }

    /// Whether the name of a resctrl group is one of libvirt's for it, or one of Quell's own.
    ///
    /// - Parameter group: The group's name.
    /// - Returns: Whether it is.
    func isResctrl(_ group: String) -> Bool {
        if let uuid, group.hasPrefix("quell-\(uuid)-") { return true }
        guard let name, let vcpus = group.range(of: "-vcpus_", options: .backwards) else { return false }
        return isMachine(String(group[..<vcpus.lowerBound]), name)
    }

    /// Whether a text is `qemu-`, a number, a dash and the name as libvirt shortens it for machines.
    private func isMachine(_ machine: String, _ name: String) -> Bool {
        guard let rest = Self.afterNumber(machine, "qemu-") else { return false }
        return rest == name || rest == shortName
            || rest == Self.machineName(name, room: 64 - (machine.utf8.count - rest.utf8.count))
    }

    /// What follows a prefix, a number and a dash; `nil` where a text is of another form.
    static func afterNumber(_ text: String, _ prefix: String) -> String? {
        guard text.hasPrefix(prefix) else { return nil }
        let rest = text.dropFirst(prefix.count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, rest.dropFirst(digits.count).first == "-" else { return nil }
        return String(rest.dropFirst(digits.count + 1))
    }

    /// A name as libvirt writes it for machines: letters, digits, dashes and dots, no two of the latter in a row
    /// (`virSystemdAppendValidMachineName`).
    static func machineName(_ name: String, room: Int) -> String {
        var result = ""
        var skips = true
        for byte in name.utf8 {
            if result.utf8.count >= room { break }
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "."):
                if !skips { result.unicodeScalars.append(UnicodeScalar(byte)) }
                skips = true
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                skips = false
                result.unicodeScalars.append(UnicodeScalar(byte))
            default: skips = false
            }
        }
        while let last = result.last, last == "-" || last == "." { result.removeLast() }
        return result
    }

    /// Undoes systemd's escapes, `\x2d` for a dash.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        let all = Array(text.utf8)
        var index = 0
        while index < all.count {
            if all[index] == UInt8(ascii: "\\"), index + 3 < all.count, all[index + 1] == UInt8(ascii: "x"),
                let byte = UInt8(String(decoding: all[(index + 2)...(index + 3)], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                index += 4
            } else {
                bytes.append(all[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
