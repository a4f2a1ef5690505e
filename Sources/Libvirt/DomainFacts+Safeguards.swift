/// What keeps a domain apart from its neighbours (libvirt's `formatdomain`).
extension DomainFacts {
    /// Limits of a disk by libvirt's own names; lengths of bursts and the size of an operation alone limit nothing.
    private static let diskLimits: Set<String> = [
        "total_bytes_sec", "read_bytes_sec", "write_bytes_sec", "total_iops_sec", "read_iops_sec", "write_iops_sec",
    ]

    /// Takes the beginning of an element below the root; `true` when its text is wanted.
    mutating func beginSafeguard(_ path: ArraySlice<String>, _ attributes: [String: String]) -> Bool {
        switch path {
        case ["memoryBacking", "nosharepages"]: safeguards.insert(.noPageSharing)
        case ["memoryBacking", "hugepages"]: safeguards.insert(.hugePages)
        case ["memoryBacking", "access"]: if attributes["mode"] == "shared" { safeguards.insert(.sharedMemory) }
        case ["os"]: if attributes["firmware"] == "efi" { safeguards.insert(.uefi) }
        case ["os", "loader"]:
            if attributes["type"] == "pflash" { safeguards.insert(.uefi) }
            if attributes["secure"] == "yes" { safeguards.insert(.secureBoot) }
        case ["os", "firmware", "feature"]:
            if attributes["name"] == "secure-boot", attributes["enabled"] == "yes" { safeguards.insert(.secureBoot) }
        case ["os", "nvram"], ["cputune", "global_quota"]: return true
        case ["devices", "tpm", "backend"]: safeguards.insert(.tpm)
        case ["devices", "interface", "filterref"]:
            if let name = attributes["filter"], !name.isEmpty, !name.hasPrefix("allow-") {
                interface.safeguards.insert(.filter)
            }
        case ["devices", "interface", "bandwidth", "inbound"]:
            if Self.isPositive(attributes["average"]) { interface.safeguards.insert(.inbound) }
        case ["devices", "interface", "bandwidth", "outbound"]:
            if Self.isPositive(attributes["average"]) { interface.safeguards.insert(.outbound) }
        case ["devices", "disk", "throttlefilters", "throttlefilter"]:
            if attributes["group"].map({ !$0.isEmpty }) ?? false { disk.isLimited = true }
        default:
            guard let name = path.last else { return false }
            return Self.diskLimits.contains(name) && Self.holdsLimits(path.dropLast())
        }
        return false
    }

    /// Takes the end of an element with its text.
    mutating func endSafeguard(_ path: ArraySlice<String>, _ word: String) {
        switch path {
        case ["os", "nvram"]: if !word.isEmpty { nvram = word }
        case ["cputune", "global_quota"]: if Self.isPositive(word) { safeguards.insert(.globalQuota) }
        default:
            guard let name = path.last, Self.diskLimits.contains(name), Self.isPositive(word) else { return }
            switch path.dropLast() {
            case ["devices", "disk", "iotune"]: disk.isLimited = true
            case ["blkiotune", "device"]: safeguards.insert(.deviceLimits)
            default: break
            }
        }
    }

    /// Whether the limits of disks stand below a path.
    private static func holdsLimits(_ path: ArraySlice<String>) -> Bool {
        path == ["devices", "disk", "iotune"] || path == ["blkiotune", "device"]
    }

    /// Whether a text is a number above 0.
    private static func isPositive(_ text: String?) -> Bool {
        text.flatMap { Int64($0) }.map { $0 > 0 } ?? false
    }
}
