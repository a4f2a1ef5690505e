internal import CKernel

/// Shares of the last sample period of a GPU, each from 0 to 1.
public struct NVMLUtilization: Sendable, Equatable {
    /// In which any kernel ran.
    public let sm: Double
    /// In which its memory was read or written.
    public let memory: Double

    /// Takes two percentages; `nil` where one is none, as a driver gives now and then.
    init?(percent sm: Double, _ memory: Double) {
        guard (0...100).contains(sm), (0...100).contains(memory) else { return nil }
        self.sm = sm / 100
        self.memory = memory / 100
    }
}

/// What a whole GPU tells of itself.
extension NVML {
    /// How busy a GPU was over its last sample period, between a sixth of a second and a second.
    ///
    /// The corresponding C function is `nvmlDeviceGetUtilizationRates`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: Its shares.
    /// - Throws: ``NVMLError``; `notSupported` in MIG mode.
    public func utilization(of device: NVMLDevice) throws(NVMLError) -> NVMLUtilization {
        let function: StaticString = "nvmlDeviceGetUtilizationRates"
        let handle = unsafe try handle(of: device, in: function)
        var value = quell_nvml_utilization()
        // SAFETY: the handle is of this library, and NVML writes one value of this layout.
        try check(unsafe calls.utilization?(handle, &value), in: function)
        guard let shares = NVMLUtilization(percent: Double(value.gpu), Double(value.memory)) else {
            throw NVMLError(.malformed, in: "\(function)", "\(value.gpu) % and \(value.memory) %")
        }
        return shares
    }

    /// Bytes of a GPU's memory in use; without what the driver keeps for itself where NVML tells it apart.
    ///
    /// The corresponding C functions are `nvmlDeviceGetMemoryInfo_v2` and `nvmlDeviceGetMemoryInfo`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The bytes.
    /// - Throws: ``NVMLError``.
    public func memoryUsed(of device: NVMLDevice) throws(NVMLError) -> UInt64 {
        try unsafe memoryUsed(handle: handle(of: device, in: "nvmlDeviceGetMemoryInfo"))
    }

    /// Milliwatts that a GPU draws, over a second on newer and at the moment on older ones.
    ///
    /// The corresponding C function is `nvmlDeviceGetPowerUsage`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The milliwatts.
    /// - Throws: ``NVMLError``.
    public func power(of device: NVMLDevice) throws(NVMLError) -> UInt32 {
        let function: StaticString = "nvmlDeviceGetPowerUsage"
        let handle = unsafe try handle(of: device, in: function)
        var value: UInt32 = 0
        // SAFETY: the handle is of this library, and NVML writes one number.
        try check(unsafe calls.power?(handle, &value), in: function)
        return value
    }

    /// How many reasons hold a GPU's clocks down at the moment.
    ///
    /// That it idles and that its clocks were set are no such reasons. A slowdown by the hardware whose cause is told
    /// beside it counts once. The corresponding C function is `nvmlDeviceGetCurrentClocksEventReasons`, or
    /// `nvmlDeviceGetCurrentClocksThrottleReasons` in older releases.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The number of reasons.
    /// - Throws: ``NVMLError``.
    public func throttleReasons(of device: NVMLDevice) throws(NVMLError) -> Int {
        let function: StaticString = "nvmlDeviceGetCurrentClocksEventReasons"
        let handle = unsafe try handle(of: device, in: function)
        var bits: UInt64 = 0
        // SAFETY: the handle is of this library, and NVML writes one number.
        try check(unsafe calls.clock_reasons?(handle, &bits), in: function)
        return Self.reasons(bits)
    }

    /// The number of reasons in NVML's mask; bits that later releases add count too.
    static func reasons(_ bits: UInt64) -> Int {
        var bits = bits & ~(QUELL_NVML_REASON_IDLE | QUELL_NVML_REASON_APPLICATION_CLOCKS)
        if bits & (QUELL_NVML_REASON_HW_THERMAL | QUELL_NVML_REASON_HW_POWER_BRAKE) != 0 {
            bits &= ~QUELL_NVML_REASON_HW_SLOWDOWN
        }
        return bits.nonzeroBitCount
    }

    /// Memory errors of a GPU that were not corrected, counted since the driver was loaded.
    ///
    /// The corresponding C function is `nvmlDeviceGetTotalEccErrors`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The errors.
    /// - Throws: ``NVMLError``; `notSupported` where it has no ECC or ECC is off.
    public func uncorrectedErrors(of device: NVMLDevice) throws(NVMLError) -> UInt64 {
        let function: StaticString = "nvmlDeviceGetTotalEccErrors"
        let handle = unsafe try handle(of: device, in: function)
        let (kind, since) = (UInt32(QUELL_NVML_UNCORRECTED), UInt32(QUELL_NVML_VOLATILE))
        var value: UInt64 = 0
        // SAFETY: the handle is of this library, and NVML writes one number.
        try check(unsafe calls.ecc_errors?(handle, kind, since, &value), in: function)
        return value
    }

    /// Bytes a second over PCIe, over 20 ms for each direction, for which the call waits.
    ///
    /// NVML tells kilobytes, taken for 1,000 bytes. It also has counters of bytes, which wrap at a number that its
    /// reference does not tell, within a fraction of a second on a fast link; so they are not used. The corresponding
    /// C function is `nvmlDeviceGetPcieThroughput`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: What the GPU received and what it sent.
    /// - Throws: ``NVMLError``.
    public func pcieThroughput(of device: NVMLDevice) throws(NVMLError) -> (rx: Double, tx: Double) {
        let function: StaticString = "nvmlDeviceGetPcieThroughput"
        let handle = unsafe try handle(of: device, in: function)
        var rx: UInt32 = 0
        var tx: UInt32 = 0
        // SAFETY: the handle is of this library, and NVML writes one number in each call.
        try check(unsafe calls.pcie_throughput?(handle, UInt32(QUELL_NVML_PCIE_RX), &rx), in: function)
        try check(unsafe calls.pcie_throughput?(handle, UInt32(QUELL_NVML_PCIE_TX), &tx), in: function)
        return (Double(rx) * 1_000, Double(tx) * 1_000)
    }

    /// Bytes in use of a GPU or a MIG device of it.
    func memoryUsed(handle: OpaquePointer) throws(NVMLError) -> UInt64 {
        if unsafe calls.memory_v2 != nil {
            var value = quell_nvml_memory_v2()
            value.version = QUELL_NVML_MEMORY_V2
            // SAFETY: the handle is of this library, and NVML writes one value of the layout that `version` names.
            let code = unsafe calls.memory_v2?(handle, &value)
            if code == 0 { return value.used }
            // A driver that has the name and not the version is asked the old way.
            if code.map({ NVMLError.Code(number: $0) }) != .notSupported {
                try check(code, in: "nvmlDeviceGetMemoryInfo_v2")
            }
        }
        var value = quell_nvml_memory()
        // SAFETY: as above, of the first layout.
        try check(unsafe calls.memory?(handle, &value), in: "nvmlDeviceGetMemoryInfo")
        return value.used
    }
}
