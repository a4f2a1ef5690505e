internal import CKernel

/// An Xid error: the driver's report of an error of a GPU, its work or itself.
public struct NVMLEvent: Sendable, Equatable {
    /// The GPU.
    public let device: NVMLDevice
    /// The GPU instance that it is of; `nil` where it is of the whole GPU.
    public let instance: UInt32?
    /// Its number in NVIDIA's list of Xid errors; 999 for one that is not known.
    public let xid: UInt64
}

/// Errors that a driver reports as they come.
extension NVML {
    /// The oldest Xid error of an attached GPU that was not taken yet; does not wait for one.
    ///
    /// The corresponding C function is `nvmlEventSetWait_v2`.
    ///
    /// - Parameter devices: The attached GPUs.
    /// - Returns: The error; `nil` where there is none.
    /// - Throws: ``NVMLError``; `lost` where a GPU has fallen off the bus.
    public func nextEvent(of devices: [NVMLDevice]) throws(NVMLError) -> NVMLEvent? {
        let function: StaticString = "nvmlEventSetWait_v2"
        guard let eventSet = unsafe eventSet else {
            throw NVMLError(.notSupported, in: "\(function)", "no GPU has events")
        }
        // A bound on events of other kinds or of GPUs that were not asked for.
        for _ in 0..<64 {
            var event = unsafe quell_nvml_event()
            // SAFETY: the set is of this library, and NVML writes one value of this layout.
            let code = unsafe calls.next_event?(eventSet, &event, 0)
            if code.map({ Int($0) }) == QUELL_NVML_TIMEOUT { return nil }
            try check(code, in: function)
            guard unsafe event.type & QUELL_NVML_EVENT_XID != 0,
                let device = devices.first(where: { unsafe handles[$0.index] == event.device })
            else { continue }
            let instance = unsafe event.gpu_instance
            let xid = unsafe event.data
            return NVMLEvent(device: device, instance: instance == QUELL_NVML_NO_INSTANCE ? nil : instance, xid: xid)
        }
        return nil
    }
}
