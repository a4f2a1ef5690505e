internal import Signals

/// Collects from the elements of a domain's XML what ``DomainDescription`` holds.
///
/// Each element comes with the path from the root to it. Names of other namespaces are written `{namespace}name`.
struct DomainFacts {
    /// An element without which a domain cannot be told apart.
    struct Missing: Error {
        /// Its name.
        let element: String
    }

    private static let quellVM = "{urn:quell:vm:1}vm"
    private static let mark = "{\(MarkElement.namespace)}\(MarkElement.name)"
    private static let novaSpaces = [
        "{http://openstack.org/xmlns/libvirt/nova/1.0}", "{http://openstack.org/xmlns/libvirt/nova/1.1}",
    ]

    private var id: Int32 = -1
    private var uuid: String?
    private var name: String?
    private var maximum: Int?
    private var current: Int?
    private var shares: UInt64?
    private var period: UInt64?
    private var quota: Int64?
    private var iothreads = 0
    private var interfaces: [DomainDescription.Interface] = []
    var interface = InterfaceDraft()
    private var disks: [DomainDescription.Disk] = []
    var disk = DiskDraft()
    private var usesKVM = false
    private var memory: UInt64?
    private var memoryUnit: String?
    private var hasBalloon = false
    private var balloonPeriod: Int?
    private var hostPCI: [String] = []
    private var mdevs: [String] = []
    private var hostdevKind: String?
    private var quellTenants: [String] = []
    private var projects: [(uuid: String?, name: String)] = []
    private var projectUUID: String?
    private var workloadClass: String?
    private var isMarked = false
    var safeguards: DomainSafeguards = []
    var nvram: String?

    /// Takes the beginning of an element; `true` when its text is wanted.
    mutating func begin(_ path: [String], _ attributes: [String: String]) -> Bool {
        guard path.count <= 6 else { return false }
        switch path.dropFirst() {
        case []:
            id = attributes["id"].flatMap { Int32($0) } ?? -1
            usesKVM = attributes["type"] == "kvm"
        case ["memory"]:
            memoryUnit = attributes["unit"]
            return true
        case ["devices", "memballoon"]: hasBalloon = attributes["model"].map { $0 != "none" } ?? false
        case ["devices", "memballoon", "stats"]: balloonPeriod = attributes["period"].flatMap { Int($0) }
        case ["uuid"], ["name"], ["iothreads"], ["cputune", "shares"], ["cputune", "period"], ["cputune", "quota"]:
            return true
        case ["vcpu"]:
            current = attributes["current"].flatMap { Int($0) }
            return true
        case ["devices", "interface"]: interface = InterfaceDraft(kind: attributes["type"].map(Self.label) ?? "")
        case ["devices", "interface", "target"]: interface.device = attributes["dev"].map(Self.label)
        case ["devices", "interface", "virtualport"]: interface.port = attributes["type"].map(Self.label)
        case ["devices", "interface", "source", "address"]:
            if attributes["type"] == "pci" { Self.add(Self.pciAddress(attributes), to: &hostPCI) }
        case ["devices", "disk"]: disk = DiskDraft(attributes)
        case ["devices", "disk", "target"]: disk.target = attributes["dev"].map(Self.label)
        case ["devices", "disk", "source"]:
            let keys = ["file", "dev", "name", "volume", "dir"]
            disk.source = keys.lazy.compactMap { attributes[$0] }.first.map(Self.label)
        case ["devices", "disk", "readonly"]: disk.isReadOnly = true
        case ["devices", "disk", "iotune", "group_name"]: return true
        case ["devices", "hostdev"]: hostdevKind = attributes["type"]
        case ["devices", "hostdev", "source", "address"]:
            if hostdevKind == "pci" { Self.add(Self.pciAddress(attributes), to: &hostPCI) }
            if hostdevKind == "mdev" { Self.add(attributes["uuid"], to: &mdevs) }
        case ["metadata", Self.quellVM]:
            Self.add(attributes["tenant"], to: &quellTenants)
            if workloadClass == nil {
                workloadClass = attributes["class"].map(Self.label).flatMap { $0.isEmpty ? nil : $0 }
            }
        case ["metadata", Self.mark]: isMarked = true
        case let rest where Self.isNovaProject(rest):
            projectUUID = attributes["uuid"].map(Self.label).flatMap { $0.isEmpty ? nil : $0 }
            return true
        case let rest: return beginSafeguard(rest, attributes)
        }
        return false
    }

    /// Takes the end of an element with its text, where that was wanted.
    mutating func end(_ path: [String], _ text: String) {
        guard path.count <= 6 else { return }
        let word = Self.label(text)
        switch path.dropFirst() {
        case ["uuid"]: uuid = uuid ?? word
        case ["name"]: name = name ?? word
        case ["vcpu"]: maximum = Int(word)
        case ["iothreads"]: iothreads = min(max(0, Int(word) ?? 0), 1 << 16)
        case ["memory"]: memory = UInt64(word).flatMap { Self.bytes($0, memoryUnit) }
        case ["cputune", "shares"]: shares = UInt64(word)
        case ["cputune", "period"]: period = UInt64(word)
        case ["cputune", "quota"]: quota = Int64(word)
        case ["devices", "interface"]: add(interface)
        case ["devices", "disk", "iotune", "group_name"]: disk.group = word
        case ["devices", "disk"]: if let disk = disk.disk { disks.append(disk) }
        case ["devices", "hostdev"]: hostdevKind = nil
        case let rest where Self.isNovaProject(rest):
            if projectUUID != nil || !word.isEmpty { projects.append((projectUUID, word)) }
        case let rest: endSafeguard(rest, word)
        }
    }

    /// All that was collected, or what is missing.
    func description() throws(Missing) -> DomainDescription {
        guard let uuid, let uuid = VMUUID(uuid) else { throw Missing(element: "uuid") }
        guard let name, !name.isEmpty else { throw Missing(element: "name") }
        // The kernel knows no more than 2^16 CPUs (admin-guide/kernel-parameters, possible_cpus).
        let vcpus = min(max(1, current ?? maximum ?? 1), 1 << 16)
        var description = DomainDescription(uuid: uuid, id: id, name: name, vcpus: vcpus)
        description.cpuShares = shares
        // libvirt writes either of the two alone where the other has its default, a period of 100 ms and no limit.
        if period != nil || quota != nil { description.quota = VCPUQuota(period: period ?? 100_000, quota: quota) }
        description.iothreads = iothreads
        description.interfaces = interfaces
        description.disks = disks
        description.hostPCI = hostPCI
        description.mdevs = mdevs
        description.usesKVM = usesKVM
        description.memory = memory
        description.balloonPeriod = hasBalloon ? balloonPeriod.flatMap { $0 > 0 ? $0 : nil } : nil
        description.tenants = quellTenants
        for project in projects {
            let known = [project.uuid, project.name].contains { $0.map(description.tenants.contains) ?? false }
            if !known { description.tenants.append(project.uuid ?? project.name) }
        }
        description.workloadClass = workloadClass
        description.isMarked = isMarked
        description.safeguards = safeguards
        description.nvram = nvram
        return description
    }

    /// Adds an interface, unless it has no device or that of another one.
    private mutating func add(_ draft: InterfaceDraft) {
        guard let device = draft.device, !device.isEmpty, !interfaces.contains(where: { $0.device == device }) else {
            return
        }
        var interface = DomainDescription.Interface(device: device, kind: draft.kind, port: draft.port)
        interface.safeguards = draft.safeguards
        interfaces.append(interface)
    }

    private static func isNovaProject(_ path: ArraySlice<String>) -> Bool {
        guard path.count == 4, path.first == "metadata" else { return false }
        return novaSpaces.contains { path.dropFirst() == ["\($0)instance", "\($0)owner", "\($0)project"] }
    }

    /// Adds a value once, unless it is empty.
    private static func add(_ value: String?, to list: inout [String]) {
        guard let value = value.map(label), !value.isEmpty, !list.contains(value) else { return }
        list.append(value)
    }

    /// A text as it may be shown and written to a journal: trimmed, without control characters, at most 1,024
    /// characters.
    static func label(_ text: String) -> String {
        let space: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        var scalars = text.unicodeScalars.drop(while: space)
        while let last = scalars.last, space(last) { scalars.removeLast() }
        var clean = String.UnicodeScalarView()
        for scalar in scalars.prefix(1024) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: clean.append("\u{FFFD}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

    /// An amount of memory in bytes; libvirt itself writes KiB always.
    private static func bytes(_ count: UInt64, _ unit: String?) -> UInt64? {
        let factor: UInt64
        switch unit {
        case "b", "bytes": factor = 1
        case nil, "k", "KiB": factor = 1 << 10
        case "M", "MiB": factor = 1 << 20
        case "G", "GiB": factor = 1 << 30
        default: return nil
        }
        let bytes = count.multipliedReportingOverflow(by: factor)
        return bytes.overflow ? nil : bytes.partialValue
    }

    /// A PCI address as sysfs writes it, from libvirt's four hexadecimal attributes.
    private static func pciAddress(_ attributes: [String: String]) -> String? {
        func field(_ name: String, _ digits: Int) -> String? {
            guard var text = attributes[name]?[...] else { return name == "domain" ? "0000" : nil }
            if text.hasPrefix("0x") { text = text.dropFirst(2) }
            guard let value = UInt32(text, radix: 16), value >> UInt32(4 * digits) == 0 else { return nil }
            let hex = String(value, radix: 16)
            return String(repeating: "0", count: digits - hex.count) + hex
        }
        guard let domain = field("domain", 4), let bus = field("bus", 2), let slot = field("slot", 2),
            let function = field("function", 1)
        else { return nil }
        return "\(domain):\(bus):\(slot).\(function)"
    }
}
