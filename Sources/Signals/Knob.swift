/// One thing that Quell can change of a VM, each read, set and given back by itself.
///
/// Its text is what the ledger, the journal and `quell leases` show: the kind and, where a VM has several of it, a colon
/// and which one, as in `disk:vda`.
public enum Knob: Hashable, Sendable {
    /// The CPU bandwidth of each vCPU (`vcpu_period`, `vcpu_quota` of `virDomainSetSchedulerParametersFlags`).
    case vcpuQuota
    /// The CPU bandwidth of the emulator threads (`emulator_period`, `emulator_quota`).
    case emulatorQuota
    /// The CPU bandwidth of each I/O thread (`iothread_period`, `iothread_quota`).
    case iothreadQuota
    /// The CPU weight of the whole VM (`cpu_shares`).
    case cpuShares
    /// The bytes and operations a second of one disk, by its target name (`virDomainSetBlockIoTune`).
    case disk(String)
    /// The bytes a second towards the VM of one interface, by the host's device
    /// (`inbound` of `virDomainSetInterfaceParameters`).
    case receive(String)
    /// The bytes a second from the VM of one interface, by the host's device (`outbound` of the same call).
    case transmit(String)
    /// The memory that the kernel reclaims down to under pressure (`soft_limit` of `virDomainSetMemoryParameters`).
    case memorySoftLimit
    /// The memory that the balloon leaves to the guest (`virDomainSetMemoryFlags`).
    case balloon
    /// The host CPUs of each vCPU (`virDomainPinVcpuFlags`).
    case vcpuPins
    /// The host CPUs of the emulator threads (`virDomainPinEmulator`).
    case emulatorPins
    /// The host CPUs of each I/O thread (`virDomainPinIOThread`).
    case iothreadPins
    /// Whether the link of one interface is up, by the host's device (`virDomainUpdateDeviceFlags`).
    case link(String)
    /// The network filter of one interface, by the host's device (`virDomainUpdateDeviceFlags`).
    case filter(String)
    /// Whether its vCPUs run at all (`virDomainSuspend`, `virDomainResume`).
    case power
    /// The resctrl control group of its threads (`Documentation/filesystems/resctrl.rst`).
    case cacheGroup
    /// The power limit of a whole GPU, by PCI address (`nvmlDeviceSetPowerManagementLimit`).
    case gpuPower(String)
    /// The application clocks of a whole GPU, by PCI address (`nvmlDeviceSetApplicationsClocks`).
    case gpuClocks(String)
    /// How a GPU shares its time among vGPUs, by PCI address (`nvmlDeviceSetVgpuSchedulerState`).
    case gpuSchedule(String)
}

extension Knob: RawRepresentable, CustomStringConvertible, Codable, Comparable {
    /// The knob of a text; `nil` for one that is unknown or names no part where one is needed.
    ///
    /// - Parameter rawValue: The text.
    public init?(rawValue: String) {
        let parts = rawValue.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            guard let plain = Self.plain.first(where: { $0.rawValue == rawValue }) else { return nil }
            self = plain
            return
        }
        let part = String(parts[1])
        guard !part.isEmpty else { return nil }
        switch parts[0] {
        case "disk": self = .disk(part)
        case "receive": self = .receive(part)
        case "transmit": self = .transmit(part)
        case "link": self = .link(part)
        case "filter": self = .filter(part)
        case "gpu-power": self = .gpuPower(part)
        case "gpu-clocks": self = .gpuClocks(part)
        case "gpu-schedule": self = .gpuSchedule(part)
        default: return nil
        }
    }

    /// The knob as text.
    public var rawValue: String {
        switch self {
        case .vcpuQuota: "vcpu-quota"
        case .emulatorQuota: "emulator-quota"
        case .iothreadQuota: "iothread-quota"
        case .cpuShares: "cpu-shares"
        case .disk(let target): "disk:" + target
        case .receive(let device): "receive:" + device
        case .transmit(let device): "transmit:" + device
        case .memorySoftLimit: "memory-soft-limit"
        case .balloon: "balloon"
        case .vcpuPins: "vcpu-pins"
        case .emulatorPins: "emulator-pins"
        case .iothreadPins: "iothread-pins"
        case .link(let device): "link:" + device
        case .filter(let device): "filter:" + device
        case .power: "power"
        case .cacheGroup: "cache-group"
        case .gpuPower(let address): "gpu-power:" + address
        case .gpuClocks(let address): "gpu-clocks:" + address
        case .gpuSchedule(let address): "gpu-schedule:" + address
        }
    }

    /// The knob as text.
    public var description: String { rawValue }

    /// The knobs that a VM has once.
    private static let plain: [Knob] = [
        .vcpuQuota, .emulatorQuota, .iothreadQuota, .cpuShares, .memorySoftLimit, .balloon, .vcpuPins, .emulatorPins,
        .iothreadPins, .power, .cacheGroup,
    ]

    /// By text, so that lists of knobs have one order.
    public static func < (left: Knob, right: Knob) -> Bool { left.rawValue < right.rawValue }
}
