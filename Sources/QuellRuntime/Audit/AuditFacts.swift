import Enforcement
import HostReaders
import Libvirt
import Signals

/// Something that was to be read.
enum Told<Value: Sendable & Equatable>: Equatable, Sendable {
    /// This was read.
    case told(Value)
    /// It was not; the reason.
    case untold(String)
}

/// What an audit judges: the host and its VMs as they are at one moment.
struct AuditFacts: Equatable, Sendable {
    /// How the kernel merges equal pages (`admin-guide/mm/ksm`).
    struct PageMerging: Equatable, Sendable {
        /// Whether it merges now.
        var isOn: Bool
        /// Whether empty pages become the one zero page; `nil` where the kernel does not tell.
        var usesZeroPages: Bool?
    }

    /// A swap area in use.
    struct Swap: Equatable, Sendable {
        /// The area.
        var area: SwapArea
        /// Where its pages end up.
        var store: SwapArea.Store
    }

    /// A VM that could not be described.
    struct Unread: Equatable, Sendable {
        /// The VM.
        var uuid: VMUUID
        /// Why not.
        var why: String
    }

    /// The running VMs.
    var vms: [AuditVM] = []
    /// Running VMs that could not be described.
    var unread: [Unread] = []
    /// Why the VMs cannot be listed at all; `nil` where they were.
    var trouble: String?
    /// The CPU weight of a VM that was given none: 100 on cgroup v2, 1024 on v1.
    var usualShares: UInt64 = 100
    /// How the kernel merges equal pages.
    var merging: Told<PageMerging> = .untold("not read")
    /// Whether cores run several threads at once.
    var hasThreads: Told<Bool> = .untold("not read")
    /// The core of each CPU, by the lowest CPU of the core.
    var cores: [UInt32: UInt32] = [:]
    /// What the kernel says of each flaw of the CPU, by its name.
    var vulnerabilities: Told<[String: String]> = .untold("not read")
    /// Whether the resource control file system is mounted.
    var hasResctrl = false
    /// Whether the kernel clears memory when it hands it out.
    var clearsAlloc: Told<MemoryInit.Answer> = .untold("not read")
    /// Whether the kernel clears memory when it takes it back.
    var clearsFree: Told<MemoryInit.Answer> = .untold("not read")
    /// Swap areas in use.
    var swap: Told<[Swap]> = .untold("not read")
    /// Whether pages are compressed in memory before they are swapped out.
    var hasZswap = false
}

/// A device of the host that was handed to a VM.
struct AuditDevice: Equatable, Sendable {
    /// Another device of the same IOMMU group.
    struct Sibling: Equatable, Sendable {
        /// Its PCI address.
        var address: String
        /// Its driver; `nil` for none.
        var driver: String?
    }

    /// Its PCI address.
    var address: String
    /// The others of its group, without bridges; why they cannot be told, or an empty list for a group of its own.
    var siblings: Told<[Sibling]>
    /// Whether the host has it and no IOMMU stands before it.
    var lacksIOMMU = false
}

/// A running VM, as far as an audit judges it.
struct AuditVM: Equatable, Sendable {
    /// A disk on which limits can be set.
    struct Disk: Equatable, Sendable {
        /// Its name in the description.
        var target: String
        /// Whether bytes or operations a second are limited.
        var isLimited: Bool
    }

    /// Its UUID.
    var uuid: VMUUID
    /// Its name.
    var name: String
    /// Whom it belongs to.
    var tenant: Tenant
    /// Its CPU weight; `nil` where it was given none.
    var shares: UInt64?
    /// The quota of each of its vCPUs; `nil` where it was given none.
    var quota: VCPUQuota?
    /// What keeps it apart from its neighbours.
    var safeguards: DomainSafeguards
    /// Its disks on which limits can be set.
    var disks: [Disk]
    /// Its interfaces with a device on the host.
    var interfaces: [DomainDescription.Interface]
    /// Devices of the host that it was handed.
    var devices: [AuditDevice] = []
    /// Host CPUs on which its vCPUs may run.
    var cpus: Told<[UInt32]> = .untold("not read")
    /// The cookies of core scheduling that its vCPUs have, 0 for none.
    var cookies: Told<Set<UInt64>> = .untold("not read")
    /// The resctrl control groups that its vCPUs are in, empty for the default group.
    var cacheGroups: Told<Set<String>> = .untold("not read")

    /// A VM as its description tells of it.
    ///
    /// - Parameter domain: What libvirt says of it.
    init(_ domain: DomainDescription) {
        uuid = domain.uuid
        name = domain.name
        tenant = DomainTranslator.tenant(domain.tenants)
        shares = domain.cpuShares
        quota = domain.quota
        safeguards = domain.safeguards
        disks = domain.disks.filter(\.takesLimits).map { Disk(target: $0.target, isLimited: $0.isLimited) }
        interfaces = domain.interfaces
    }

    /// The VM as findings speak of it.
    var subject: AuditSubject { AuditSubject(uuid: uuid, name: name, tenant: tenant) }

    /// Undoes in these facts what Quell holds it back by: an audit judges what stays once the lease has ended.
    ///
    /// - Parameter lease: An open lease of this VM.
    mutating func leaveOut(_ lease: Lease) {
        switch (lease.knob, lease.before) {
        case (.vcpuQuota, .quota(let before)): quota = before
        case (.cpuShares, .shares(let before)): shares = before
        case (.disk(let target), .disk(let before)):
            for index in disks.indices where disks[index].target == target { disks[index].isLimited = !before.isNone }
        case (.receive(let device), .bandwidth(let before)): set(.inbound, of: device, to: before.average > 0)
        case (.transmit(let device), .bandwidth(let before)): set(.outbound, of: device, to: before.average > 0)
        case (.filter(let device), .filter(let before)):
            set(.filter, of: device, to: before.map { !$0.name.hasPrefix("allow-") } ?? false)
        default: break
        }
    }

    private mutating func set(_ safeguard: InterfaceSafeguards, of device: String, to isThere: Bool) {
        for index in interfaces.indices where interfaces[index].device == device {
            if isThere {
                interfaces[index].safeguards.insert(safeguard)
            } else {
                interfaces[index].safeguards.remove(safeguard)
            }
        }
    }
}
