internal import CKernel

/// How a GPU shares its time among its vGPUs.
public struct NVMLSchedule: Sendable, Equatable {
    /// What it is shared by.
    public enum Parameters: Sendable, Equatable {
        /// Nothing can be chosen, as with best effort.
        case none
        /// The time slice in nanoseconds; 0 for the driver's own.
        case slice(UInt32)
        /// How often in a second it turns to the next vGPU, and over how many turns time that was not used is made up for;
        /// 0 for the driver's own.
        case adaptive(frequency: UInt32, factor: UInt32)
    }

    /// The policy by NVML's number: 1 best effort, 2 equal share, 3 fixed share.
    public var policy: UInt32
    /// Whether time that was not used is made up for; `nil` for the driver's own choice.
    public var isAdaptive: Bool?
    /// What it is shared by.
    public var parameters: Parameters

    /// A schedule.
    ///
    /// - Parameters:
    ///   - policy: The policy by NVML's number.
    ///   - isAdaptive: Whether time that was not used is made up for.
    ///   - parameters: What it is shared by.
    public init(policy: UInt32, isAdaptive: Bool? = nil, parameters: Parameters = .none) {
        self.policy = policy
        self.isAdaptive = isAdaptive
        self.parameters = parameters
    }
}

/// The schedules that a GPU can have.
public struct NVMLScheduleBounds: Sendable, Equatable {
    /// The policies by NVML's numbers.
    public let policies: Set<UInt32>
    /// The time slices in nanoseconds.
    public let slices: ClosedRange<UInt32>
    /// Whether time that was not used can be made up for.
    public let hasAdaptive: Bool
    /// The turns in a second.
    public let frequencies: ClosedRange<UInt32>
    /// Over how many turns time is made up for.
    public let factors: ClosedRange<UInt32>

    /// Whether a GPU of these bounds can have a schedule; 0, for the driver's own value, is always within them.
    ///
    /// - Parameter schedule: The schedule.
    /// - Returns: Whether it can.
    public func allow(_ schedule: NVMLSchedule) -> Bool {
        guard policies.contains(schedule.policy) else { return false }
        switch schedule.parameters {
        case .none: return true
        case .slice(let slice): return schedule.isAdaptive != true && (slice == 0 || slices.contains(slice))
        case .adaptive(let frequency, let factor):
            return schedule.isAdaptive == true && hasAdaptive && (frequency == 0 || frequencies.contains(frequency))
                && (factor == 0 || factors.contains(factor))
        }
    }
}

/// How a GPU's time is shared among vGPUs. NVIDIA's driver takes another schedule only while the GPU has no vGPU at all,
/// and forgets it when it is unloaded.
extension NVML {
    /// How a GPU shares its time now.
    ///
    /// The corresponding C function is `nvmlDeviceGetVgpuSchedulerState`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The schedule.
    /// - Throws: ``NVMLError``; `notSupported` in MIG mode or where the GPU is not set up for vGPUs.
    public func schedule(of device: NVMLDevice) throws(NVMLError) -> NVMLSchedule {
        let function: StaticString = "nvmlDeviceGetVgpuSchedulerState"
        let handle = unsafe try handle(of: device, in: function)
        var value = quell_nvml_schedule()
        // SAFETY: the handle is of this library, and NVML writes one value of this layout.
        try check(unsafe calls.schedule?(handle, &value), in: function)
        var schedule = NVMLSchedule(policy: value.policy)
        switch Int(value.adaptive) {
        case QUELL_NVML_ARR_ENABLED: schedule.isAdaptive = true
        case QUELL_NVML_ARR_DISABLED: schedule.isAdaptive = false
        default: schedule.isAdaptive = nil
        }
        // What is told of best effort means nothing.
        guard Int(value.policy) != QUELL_NVML_BEST_EFFORT else { return schedule }
        if schedule.isAdaptive == true {
            // It tells the time slice and takes the frequency.
            let slice = value.second
            let frequency = slice == 0 ? 0 : UInt32((1e9 / Double(slice)).rounded())
            schedule.parameters = .adaptive(frequency: frequency, factor: value.first)
        } else {
            schedule.parameters = .slice(value.first)
        }
        return schedule
    }

    /// The schedules that a GPU can have.
    ///
    /// The corresponding C function is `nvmlDeviceGetVgpuSchedulerCapabilities`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The bounds.
    /// - Throws: ``NVMLError``.
    public func scheduleBounds(of device: NVMLDevice) throws(NVMLError) -> NVMLScheduleBounds {
        let function: StaticString = "nvmlDeviceGetVgpuSchedulerCapabilities"
        let handle = unsafe try handle(of: device, in: function)
        var value = quell_nvml_schedule_bounds()
        // SAFETY: the handle is of this library, and NVML writes one value of this layout.
        try check(unsafe calls.schedule_bounds?(handle, &value), in: function)
        let policies = [value.policies.0, value.policies.1, value.policies.2]
        func range(_ least: UInt32, _ most: UInt32) -> ClosedRange<UInt32> { least...max(least, most) }
        return NVMLScheduleBounds(
            policies: Set(policies).subtracting([0]),
            slices: range(value.least_slice, value.most_slice),
            hasAdaptive: value.has_adaptive != 0,
            frequencies: range(value.least_frequency, value.most_frequency),
            factors: range(value.least_factor, value.most_factor)
        )
    }

    /// Has a GPU share its time in another way.
    ///
    /// The corresponding C function is `nvmlDeviceSetVgpuSchedulerState`.
    ///
    /// - Parameters:
    ///   - schedule: The schedule.
    ///   - device: The GPU.
    /// - Throws: ``NVMLError``; `notSupported` also while the GPU has a vGPU.
    public func setSchedule(_ schedule: NVMLSchedule, of device: NVMLDevice) throws(NVMLError) {
        let function: StaticString = "nvmlDeviceSetVgpuSchedulerState"
        let handle = unsafe try handle(of: device, in: function)
        var value = quell_nvml_schedule()
        value.policy = schedule.policy
        switch schedule.isAdaptive {
        case true: value.adaptive = UInt32(QUELL_NVML_ARR_ENABLED)
        case false: value.adaptive = UInt32(QUELL_NVML_ARR_DISABLED)
        case nil: value.adaptive = UInt32(QUELL_NVML_ARR_DEFAULT)
        }
        switch schedule.parameters {
        case .none: break
        case .slice(let slice): value.first = slice
        case .adaptive(let frequency, let factor):
            value.first = factor
            value.second = frequency
        }
        // SAFETY: the handle is of this library, and NVML reads one value of this layout.
        try check(unsafe calls.set_schedule?(handle, &value), in: function)
    }
}
