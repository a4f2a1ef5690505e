internal import CKernel

/// The power limit of a GPU and the bounds that the device sets to it, in milliwatts.
public struct NVMLPowerLimit: Sendable, Equatable {
    /// The limit in force.
    public var now: UInt32
    /// The least that can be set.
    public var least: UInt32
    /// The most that can be set.
    public var most: UInt32
    /// What the device starts with; `nil` where it does not tell.
    public var usual: UInt32?

    /// A limit.
    ///
    /// - Parameters:
    ///   - now: The limit in force.
    ///   - least: The least that can be set.
    ///   - most: The most that can be set.
    ///   - usual: What the device starts with.
    public init(now: UInt32, least: UInt32, most: UInt32, usual: UInt32? = nil) {
        self.now = now
        self.least = least
        self.most = most
        self.usual = usual
    }
}

/// A memory clock and a graphics clock, in MHz.
public struct NVMLClocks: Sendable, Equatable {
    /// The memory clock.
    public var memory: UInt32
    /// The graphics clock.
    public var graphics: UInt32

    /// Clocks.
    ///
    /// - Parameters:
    ///   - memory: The memory clock.
    ///   - graphics: The graphics clock.
    public init(memory: UInt32, graphics: UInt32) {
        self.memory = memory
        self.graphics = graphics
    }
}

/// What of a whole GPU can be limited. Setting takes root; what is set lasts until the driver is unloaded.
extension NVML {
    /// The power limit of a GPU, with its bounds.
    ///
    /// The corresponding C functions are `nvmlDeviceGetPowerManagementLimit`,
    /// `nvmlDeviceGetPowerManagementLimitConstraints` and `nvmlDeviceGetPowerManagementDefaultLimit`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The limit.
    /// - Throws: ``NVMLError``; `notSupported` where its power is not managed.
    public func powerLimit(of device: NVMLDevice) throws(NVMLError) -> NVMLPowerLimit {
        let handle = unsafe try handle(of: device, in: "nvmlDeviceGetPowerManagementLimit")
        var limit = NVMLPowerLimit(now: 0, least: 0, most: 0)
        // SAFETY: the handle is of this library, and NVML writes one number to each place.
        try check(unsafe calls.power_limit?(handle, &limit.now), in: "nvmlDeviceGetPowerManagementLimit")
        try check(
            unsafe calls.power_bounds?(handle, &limit.least, &limit.most),
            in: "nvmlDeviceGetPowerManagementLimitConstraints"
        )
        var usual: UInt32 = 0
        if unsafe calls.usual_power_limit?(handle, &usual) == 0 { limit.usual = usual }
        guard limit.least <= limit.most else {
            let bounds = "from \(limit.least) to \(limit.most) mW"
            throw NVMLError(.malformed, in: "nvmlDeviceGetPowerManagementLimitConstraints", bounds)
        }
        return limit
    }

    /// Sets the power limit of a GPU.
    ///
    /// The corresponding C function is `nvmlDeviceSetPowerManagementLimit`.
    ///
    /// - Parameters:
    ///   - milliwatts: The limit.
    ///   - device: The GPU.
    /// - Throws: ``NVMLError``; `invalidArgument` out of bounds, `noPermission` where the caller is not root.
    public func setPowerLimit(_ milliwatts: UInt32, of device: NVMLDevice) throws(NVMLError) {
        let function: StaticString = "nvmlDeviceSetPowerManagementLimit"
        let handle = unsafe try handle(of: device, in: function)
        // SAFETY: the handle is of this library.
        try check(unsafe calls.set_power_limit?(handle, milliwatts), in: function)
    }

    /// The clocks that programs are run at.
    ///
    /// The corresponding C function is `nvmlDeviceGetApplicationsClock`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The clocks.
    /// - Throws: ``NVMLError``; `notSupported` of GPUs without application clocks.
    public func applicationClocks(of device: NVMLDevice) throws(NVMLError) -> NVMLClocks {
        try unsafe clocks(of: device, in: "nvmlDeviceGetApplicationsClock") { handle, kind, value in
            // SAFETY: the handle is of this library, and NVML writes one number.
            unsafe calls.clock?(handle, kind, &value)
        }
    }

    /// The clocks that programs are run at where nobody has set any.
    ///
    /// The corresponding C function is `nvmlDeviceGetDefaultApplicationsClock`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The clocks.
    /// - Throws: ``NVMLError``.
    public func usualApplicationClocks(of device: NVMLDevice) throws(NVMLError) -> NVMLClocks {
        try unsafe clocks(of: device, in: "nvmlDeviceGetDefaultApplicationsClock") { handle, kind, value in
            // SAFETY: as above.
            unsafe calls.usual_clock?(handle, kind, &value)
        }
    }

    /// The graphics clocks that can be set beside a memory clock.
    ///
    /// The corresponding C function is `nvmlDeviceGetSupportedGraphicsClocks`.
    ///
    /// - Parameters:
    ///   - memory: The memory clock in MHz.
    ///   - device: The GPU.
    /// - Returns: The clocks in MHz, in NVML's order.
    /// - Throws: ``NVMLError``; `notFound` where there is no such memory clock.
    public func graphicsClocks(beside memory: UInt32, of device: NVMLDevice) throws(NVMLError) -> [UInt32] {
        let function: StaticString = "nvmlDeviceGetSupportedGraphicsClocks"
        let handle = unsafe try handle(of: device, in: function)
        return try unsafe read(UInt32(0), in: function) { count, clocks in
            // SAFETY: the handle is of this library, and NVML writes at most `count` numbers.
            unsafe calls.graphics_clocks?(handle, memory, count, clocks)
        }
    }

    /// Sets the clocks that programs are run at; the GPU no longer raises them by itself (Pascal and newer).
    ///
    /// The corresponding C function is `nvmlDeviceSetApplicationsClocks`.
    ///
    /// - Parameters:
    ///   - clocks: A memory clock, and a graphics clock that goes with it.
    ///   - device: The GPU.
    /// - Throws: ``NVMLError``; `invalidArgument` where they do not go together.
    public func setApplicationClocks(_ clocks: NVMLClocks, of device: NVMLDevice) throws(NVMLError) {
        let function: StaticString = "nvmlDeviceSetApplicationsClocks"
        let handle = unsafe try handle(of: device, in: function)
        // SAFETY: the handle is of this library.
        try check(unsafe calls.set_clocks?(handle, clocks.memory, clocks.graphics), in: function)
    }

    /// Lets the clocks be what they are where nobody has set any; the GPU raises them by itself again.
    ///
    /// The corresponding C function is `nvmlDeviceResetApplicationsClocks`.
    ///
    /// - Parameter device: The GPU.
    /// - Throws: ``NVMLError``.
    public func resetApplicationClocks(of device: NVMLDevice) throws(NVMLError) {
        let function: StaticString = "nvmlDeviceResetApplicationsClocks"
        let handle = unsafe try handle(of: device, in: function)
        // SAFETY: the handle is of this library.
        try check(unsafe calls.reset_clocks?(handle), in: function)
    }

    /// Reads both clocks with one function.
    private func clocks(
        of device: NVMLDevice,
        in function: StaticString,
        _ call: (OpaquePointer, UInt32, inout UInt32) -> quell_nvml_return?
    ) throws(NVMLError) -> NVMLClocks {
        let handle = unsafe try handle(of: device, in: function)
        var clocks = NVMLClocks(memory: 0, graphics: 0)
        // SAFETY: the callers say what they do with the handle.
        try check(unsafe call(handle, UInt32(QUELL_NVML_CLOCK_MEMORY), &clocks.memory), in: function)
        try check(unsafe call(handle, UInt32(QUELL_NVML_CLOCK_GRAPHICS), &clocks.graphics), in: function)
        return clocks
    }
}
