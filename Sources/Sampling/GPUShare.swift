internal import HostReaders
internal import Signals

/// One vGPU, by what NVML says of it.
struct GPUShare {
    /// Its mediated device; `nil` where it is none.
    let mdev: VMUUID?
    /// Its VM; `nil` where NVML does not tell.
    let virtualMachine: VMUUID?
    /// The GPU instance that backs it; `nil` where it shares the GPU's time.
    let instance: UInt32?
    /// What was read of it in this turn.
    var readings = GPUReadings(all: .missing)
    /// Its Xid errors.
    var xid = Counter()

    /// Asks NVML whose a vGPU is; a function that the library or the device lacks leaves its answer out.
    ///
    /// - Parameters:
    ///   - vgpu: The vGPU.
    ///   - session: NVML.
    /// - Throws: ``NVMLError`` where asking again may give more.
    init(_ vgpu: NVMLVGPU, in session: GPUSession) throws(NVMLError) {
        mdev = try Self.optional { () throws(NVMLError) in try session.nvml.mediatedDevice(of: vgpu) }
            .flatMap { VMUUID($0) }
        virtualMachine = try Self.optional { () throws(NVMLError) in try session.nvml.virtualMachine(of: vgpu) }
            .flatMap { $0.flatMap { VMUUID($0) } }
        instance = try Self.optional { () throws(NVMLError) in try session.nvml.instance(of: vgpu) }.flatMap { $0 }
    }

    /// Whether it is a VM's.
    func belongs(to claims: GPUClaims) -> Bool {
        mdev.map(claims.mdevs.contains) == true || virtualMachine == claims.identity.uuid
    }

    /// What a call gave; `nil` where it never will.
    private static func optional<Value>(
        _ call: () throws(NVMLError) -> Value
    ) throws(NVMLError) -> Value? {
        do {
            return try call()
        } catch {
            if error.isLasting { return nil }
            throw error
        }
    }
}
