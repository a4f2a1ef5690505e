internal import CKernel

/// A vGPU that runs on a GPU, by NVML's number for it.
public struct NVMLVGPU: Sendable, Hashable {
    /// NVML's number.
    public let id: UInt32
}

/// How busy a vGPU kept its GPU.
public struct NVMLVGPUSample: Sendable, Equatable {
    /// The vGPU.
    public let vgpu: NVMLVGPU
    /// When it was sampled, in microseconds since 1970 by the host's clock.
    public let time: UInt64
    /// Its shares of the GPU; `nil` where the driver gave none that make sense.
    public let shares: NVMLUtilization?
}

/// What a GPU tells of the vGPUs on it.
extension NVML {
    /// The most values of a list that are read of one GPU; NVIDIA's smallest profiles come to 32 vGPUs, and a memory clock
    /// goes with some 150 graphics clocks.
    private static let mostValues = 512

    /// The vGPUs that run on a GPU.
    ///
    /// The corresponding C function is `nvmlDeviceGetActiveVgpus`.
    ///
    /// - Parameter device: The GPU.
    /// - Returns: The vGPUs in NVML's order.
    /// - Throws: ``NVMLError``; `notSupported` where the GPU or its driver has no vGPUs.
    public func vgpus(of device: NVMLDevice) throws(NVMLError) -> [NVMLVGPU] {
        let function: StaticString = "nvmlDeviceGetActiveVgpus"
        let handle = unsafe try handle(of: device, in: function)
        let ids = try unsafe read(UInt32(0), in: function) { count, ids in
            // SAFETY: the handle is of this library, and NVML writes at most `count` numbers.
            unsafe calls.vgpus?(handle, count, ids)
        }
        return ids.map { NVMLVGPU(id: $0) }
    }

    /// How busy the vGPUs of a GPU kept it since a sample that was read before.
    ///
    /// A vGPU that was not sampled since is left out. The corresponding C function is `nvmlDeviceGetVgpuUtilization`.
    ///
    /// - Parameters:
    ///   - device: The GPU.
    ///   - time: The latest time of the samples read before; 0 for all that the driver keeps.
    /// - Returns: A sample for each vGPU that has one.
    /// - Throws: ``NVMLError``.
    public func vgpuSamples(of device: NVMLDevice, since time: UInt64) throws(NVMLError) -> [NVMLVGPUSample] {
        let function: StaticString = "nvmlDeviceGetVgpuUtilization"
        let handle = unsafe try handle(of: device, in: function)
        var kind: UInt32 = 0
        do {
            let samples = try unsafe read(quell_nvml_vgpu_sample(), in: function) { count, samples in
                // SAFETY: the handle is of this library, and NVML writes at most `count` values of this layout.
                unsafe calls.vgpu_samples?(handle, time, &kind, count, samples)
            }
            return samples.map { sample in
                let sm = Self.number(sample.sm, kind)
                let memory = Self.number(sample.memory, kind)
                let shares = sm.flatMap { sm in memory.flatMap { NVMLUtilization(percent: sm, $0) } }
                return NVMLVGPUSample(vgpu: NVMLVGPU(id: sample.vgpu), time: sample.time, shares: shares)
            }
        } catch {
            if error.code == .notFound { return [] }
            throw error
        }
    }

    /// The UUID of the VM that has a vGPU; `nil` where the hypervisor numbers its VMs otherwise.
    ///
    /// The corresponding C function is `nvmlVgpuInstanceGetVmID`.
    ///
    /// - Parameter vgpu: The vGPU.
    /// - Returns: The UUID as text.
    /// - Throws: ``NVMLError``.
    public func virtualMachine(of vgpu: NVMLVGPU) throws(NVMLError) -> String? {
        var kind: UInt32 = 0
        let text = try unsafe text(in: "nvmlVgpuInstanceGetVmID") { text, size in
            // SAFETY: NVML writes at most `size` bytes, with a NUL at their end, and one number.
            unsafe calls.vgpu_vm?(vgpu.id, text, size, &kind)
        }
        return Int(kind) == QUELL_NVML_VM_ID_UUID ? text : nil
    }

    /// The UUID of the mediated device behind a vGPU.
    ///
    /// The corresponding C function is `nvmlVgpuInstanceGetMdevUUID`.
    ///
    /// - Parameter vgpu: The vGPU.
    /// - Returns: The UUID as text.
    /// - Throws: ``NVMLError``; `notSupported` where vGPUs are no mediated devices.
    public func mediatedDevice(of vgpu: NVMLVGPU) throws(NVMLError) -> String {
        try unsafe text(in: "nvmlVgpuInstanceGetMdevUUID") { text, size in
            // SAFETY: NVML writes at most `size` bytes, with a NUL at their end.
            unsafe calls.vgpu_mdev?(vgpu.id, text, size)
        }
    }

    /// Bytes of its memory that a vGPU uses.
    ///
    /// The corresponding C function is `nvmlVgpuInstanceGetFbUsage`.
    ///
    /// - Parameter vgpu: The vGPU.
    /// - Returns: The bytes.
    /// - Throws: ``NVMLError``.
    public func memoryUsed(of vgpu: NVMLVGPU) throws(NVMLError) -> UInt64 {
        var value: UInt64 = 0
        // SAFETY: NVML writes one number.
        try check(unsafe calls.vgpu_memory?(vgpu.id, &value), in: "nvmlVgpuInstanceGetFbUsage")
        return value
    }

    /// The GPU instance that backs a vGPU; `nil` where it shares the GPU's time instead.
    ///
    /// The corresponding C function is `nvmlVgpuInstanceGetGpuInstanceId`.
    ///
    /// - Parameter vgpu: The vGPU.
    /// - Returns: The instance's number on its GPU.
    /// - Throws: ``NVMLError``.
    public func instance(of vgpu: NVMLVGPU) throws(NVMLError) -> UInt32? {
        var value: UInt32 = 0
        // SAFETY: NVML writes one number.
        try check(unsafe calls.vgpu_instance?(vgpu.id, &value), in: "nvmlVgpuInstanceGetGpuInstanceId")
        return value == QUELL_NVML_NO_INSTANCE ? nil : value
    }

    /// Reads a list of which NVML tells the size first; asks again where the list has grown in between.
    func read<Value>(
        _ empty: Value,
        in function: StaticString,
        _ call: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Value>?) -> quell_nvml_return?
    ) throws(NVMLError) -> [Value] {
        var count: UInt32 = 0
        // SAFETY: without room NVML writes only how much it needs.
        var code = unsafe withUnsafeMutablePointer(to: &count) { unsafe call($0, nil) }
        for _ in 0..<3 where code.map({ Int($0) }) == QUELL_NVML_INSUFFICIENT_SIZE {
            guard count > 0, count <= UInt32(Self.mostValues) else { break }
            let room = count
            var values = [Value](repeating: empty, count: Int(room))
            // SAFETY: the array has room for `count` values.
            code = unsafe values.withUnsafeMutableBufferPointer { values in
                let base = values.baseAddress
                return unsafe withUnsafeMutablePointer(to: &count) { unsafe call($0, base) }
            }
            if code == 0 { return Array(values.prefix(Int(min(count, room)))) }
        }
        try check(code, in: function)
        return []
    }

    /// Reads a text of NVML's.
    private func text(
        in function: StaticString,
        _ call: (UnsafeMutablePointer<CChar>, UInt32) -> quell_nvml_return?
    ) throws(NVMLError) -> String {
        var bytes = [CChar](repeating: 0, count: QUELL_NVML_UUID_SIZE)
        // SAFETY: the buffer is as long as is told, and is not empty.
        let code = unsafe bytes.withUnsafeMutableBufferPointer { bytes -> quell_nvml_return? in
            guard let base = bytes.baseAddress else { return nil }
            return unsafe call(base, UInt32(bytes.count))
        }
        try check(code, in: function)
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The number in a value of the given type; `nil` for a type that the reference does not name.
    static func number(_ value: quell_nvml_value, _ kind: UInt32) -> Double? {
        // SAFETY: reads the member that the type names; every pattern of bits is a number of each.
        switch Int(kind) {
        case QUELL_NVML_DOUBLE: unsafe value.real
        case QUELL_NVML_UNSIGNED_INT: unsafe Double(value.unsigned_int)
        case QUELL_NVML_UNSIGNED_LONG: unsafe Double(value.unsigned_long)
        case QUELL_NVML_UNSIGNED_LONG_LONG: unsafe Double(value.unsigned_long_long)
        case QUELL_NVML_SIGNED_LONG_LONG: unsafe Double(value.signed_long_long)
        case QUELL_NVML_SIGNED_INT: unsafe Double(value.signed_int)
        case QUELL_NVML_UNSIGNED_SHORT: unsafe Double(value.unsigned_short)
        default: nil
        }
    }
}
