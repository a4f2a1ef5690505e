/// What a ``Knob`` is set to: read from the host, compared, and set again as it was.
public enum Setting: Equatable, Sendable {
    /// CPU bandwidth, of ``Knob/vcpuQuota``, ``Knob/emulatorQuota`` and ``Knob/iothreadQuota``.
    case quota(VCPUQuota)
    /// A CPU weight.
    case shares(UInt64)
    /// The limits of a disk.
    case disk(DiskLimit)
    /// The limit of one direction of an interface.
    case bandwidth(Bandwidth)
    /// A limit in bytes; `nil` for none.
    case memory(UInt64?)
    /// The bytes that a balloon leaves to the guest.
    case balloon(UInt64)
    /// Host CPUs, for each thread in the order of their numbers.
    case pins([CPUSet])
    /// Whether a link is up.
    case link(Bool)
    /// A network filter; `nil` for none.
    case filter(NetworkFilter?)
    /// Whether the vCPUs run.
    case power(PowerState)
    /// The name of a resctrl control group; empty for the default group.
    case cacheGroup(String)
    /// Milliwatts.
    case milliwatts(UInt64)
    /// Application clocks.
    case clocks(GPUClocks)
    /// How vGPUs share a GPU.
    case schedule(GPUSchedule)

    /// Whether two settings mean the same, where several values mean none.
    ///
    /// - Parameter other: The other setting.
    /// - Returns: Whether they mean the same.
    public func means(_ other: Setting) -> Bool {
        switch (self, other) {
        case (.quota(let left), .quota(let right)):
            left.quota == nil ? right.quota == nil : left == right
        case (.disk(let left), .disk(let right)): left.isNone ? right.isNone : left == right
        case (.bandwidth(let left), .bandwidth(let right)): left.isNone ? right.isNone : left == right
        default: self == other
        }
    }

    /// Whether it limits nothing: what is found where a manager of the host reset a limit.
    public var isNone: Bool {
        switch self {
        case .quota(let quota): quota.quota == nil
        case .disk(let limit): limit.isNone
        case .bandwidth(let limit): limit.isNone
        case .memory(let limit): limit == nil
        case .filter(let filter): filter == nil
        case .link(let isUp): isUp
        case .cacheGroup(let name): name.isEmpty
        case .shares, .balloon, .pins, .power, .milliwatts, .clocks, .schedule: false
        }
    }
}

/// The limits of a disk in bytes and operations a second (`virDomainSetBlockIoTune`); 0 for none.
public struct DiskLimit: Hashable, Sendable, Codable {
    /// The values by libvirt's own names without `_sec`, such as `total_bytes`, `write_iops_max_length`; none that is 0.
    ///
    /// Kept whole, so that what is given back is what was there, burst lengths and I/O size included.
    public private(set) var values: [String: UInt64]
    /// The group of disks that share the limits; `nil` for libvirt's own of each disk.
    public var group: String?

    /// Limits.
    ///
    /// - Parameters:
    ///   - values: The values by name; those that are 0 are left out.
    ///   - group: The group of disks that share them.
    public init(_ values: [String: UInt64] = [:], group: String? = nil) {
        self.values = values.filter { $0.value > 0 }
        self.group = group
    }

    /// Whether nothing is limited.
    public var isNone: Bool { values.isEmpty }

    /// One value; 0 for none.
    public subscript(_ name: String) -> UInt64 {
        get { values[name] ?? 0 }
        set { values[name] = newValue == 0 ? nil : newValue }
    }
}

/// The limit of one direction of an interface (`virDomainSetInterfaceParameters`) in libvirt's units; 0 for none.
public struct Bandwidth: Hashable, Sendable, Codable {
    /// The bytes that it may pass in the long run, in units of 1,000 B/s.
    public var average: UInt32
    /// The most in a burst, in units of 1,000 B/s.
    public var peak: UInt32
    /// The size of a burst, in KiB.
    public var burst: UInt32
    /// What is guaranteed (`floor`), towards the VM only, in KiB/s.
    public var floor: UInt32

    /// A limit.
    ///
    /// - Parameters:
    ///   - average: In the long run, in units of 1,000 B/s; 0 for no limit.
    ///   - peak: The most in a burst, in units of 1,000 B/s.
    ///   - burst: The size of a burst, in KiB.
    ///   - floor: What is guaranteed, in KiB/s.
    public init(average: UInt32 = 0, peak: UInt32 = 0, burst: UInt32 = 0, floor: UInt32 = 0) {
        self.average = average
        self.peak = peak
        self.burst = burst
        self.floor = floor
    }

    /// Whether nothing is limited.
    public var isNone: Bool { average == 0 && floor == 0 }
}

/// A network filter and what its rules are given (`filterref` of an interface).
public struct NetworkFilter: Hashable, Sendable, Codable {
    /// A parameter; several of one name make a list.
    public struct Parameter: Hashable, Sendable, Codable {
        /// Its name, such as `IP`.
        public var name: String
        /// Its value.
        public var value: String

        /// A parameter.
        ///
        /// - Parameters:
        ///   - name: Its name.
        ///   - value: Its value.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The filter's name in libvirt.
    public var name: String
    /// Its parameters, in the order of the description.
    public var parameters: [Parameter]

    /// A filter.
    ///
    /// - Parameters:
    ///   - name: The filter's name.
    ///   - parameters: Its parameters.
    public init(name: String, parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }
}

/// Whether the vCPUs of a VM run (`virDomainGetState`).
public enum PowerState: Hashable, Sendable {
    /// They run.
    case running
    /// They were stopped by a call to suspend (`VIR_DOMAIN_PAUSED_USER`).
    case paused
    /// They are stopped for a reason that is not Quell's to end: an I/O error, a migration, a snapshot.
    case other(String)
}

/// The application clocks of a GPU in MHz (`nvmlDeviceSetApplicationsClocks`).
public struct GPUClocks: Hashable, Sendable, Codable {
    /// The memory clock.
    public var memory: UInt32
    /// The graphics clock.
    public var graphics: UInt32

    /// Clocks.
    ///
    /// - Parameters:
    ///   - memory: The memory clock in MHz.
    ///   - graphics: The graphics clock in MHz.
    public init(memory: UInt32, graphics: UInt32) {
        self.memory = memory
        self.graphics = graphics
    }
}

/// How a GPU shares its time among its vGPUs (`nvmlVgpuSchedulerState_t`).
public struct GPUSchedule: Hashable, Sendable, Codable {
    /// The policy: 1 best effort, 2 equal share, 3 fixed share (`NVML_VGPU_SCHEDULER_POLICY_…`).
    public var policy: UInt32
    /// Whether time that was not used is made up for (`enableARRMode`); `nil` where the driver has no such mode.
    public var isAdaptive: Bool?
    /// The time slice in nanoseconds, or with adaptive scheduling the frequency and the averaging factor.
    public var parameters: [UInt32]

    /// A schedule.
    ///
    /// - Parameters:
    ///   - policy: The policy by number.
    ///   - isAdaptive: Whether time that was not used is made up for.
    ///   - parameters: The time slice, or frequency and averaging factor.
    public init(policy: UInt32, isAdaptive: Bool? = nil, parameters: [UInt32] = []) {
        self.policy = policy
        self.isAdaptive = isAdaptive
        self.parameters = parameters
    }
}
