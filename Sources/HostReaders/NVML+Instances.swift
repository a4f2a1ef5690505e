internal import CKernel

/// A GPU instance of a GPU in MIG mode.
public struct NVMLInstance: Sendable, Equatable {
    /// Its number on its GPU.
    public let id: UInt32
    /// Bytes of its memory in use.
    public let memoryUsed: UInt64
}

/// What a GPU in MIG mode tells of its instances.
extension NVML {
    /// The instances of a GPU that have a MIG device, each once; empty where the GPU is not in MIG mode.
    ///
    /// MIG devices of one instance share its memory. Handles of MIG devices are looked up anew each time, since they end
    /// with the instance. The corresponding C functions are `nvmlDeviceGetMigMode`,
    /// `nvmlDeviceGetMaxMigDeviceCount`, `nvmlDeviceGetMigDeviceHandleByIndex` and `nvmlDeviceGetGpuInstanceId`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The instances in no order.
    /// - Throws: ``NVMLError``.
    public func instances(of device: NVMLDevice) throws(NVMLError) -> [NVMLInstance] {
        let handle = unsafe try handle(of: device, in: "nvmlDeviceGetMigMode")
        var mode: UInt32 = 0
        var pending: UInt32 = 0
        // SAFETY: the handle is of this library, and NVML writes one number to each place.
        try check(unsafe calls.mig_mode?(handle, &mode, &pending), in: "nvmlDeviceGetMigMode")
        guard Int(mode) == QUELL_NVML_MIG_ENABLED else { return [] }
        var count: UInt32 = 0
        try check(unsafe calls.mig_count?(handle, &count), in: "nvmlDeviceGetMaxMigDeviceCount")
        var instances: [NVMLInstance] = []
        for index in 0..<min(count, 64) {
            var part: OpaquePointer?
            // SAFETY: as above; a place without a MIG device is `NOT_FOUND` and leaves no handle.
            guard unsafe calls.mig_device?(handle, index, &part) == 0, let part = unsafe part else { continue }
            var id: UInt32 = 0
            try check(unsafe calls.gpu_instance?(part, &id), in: "nvmlDeviceGetGpuInstanceId")
            guard !instances.contains(where: { $0.id == id }) else { continue }
            let used = unsafe try memoryUsed(handle: part)
            instances.append(NVMLInstance(id: id, memoryUsed: used))
        }
        return instances
    }
}
