import Enforcement
import HostReaders
import Sampling
import Signals
import Synchronization

/// Limits GPUs through NVML (``Knob/gpuPower(_:)``, ``Knob/gpuClocks(_:)``, ``Knob/gpuSchedule(_:)``).
///
/// What it sets is of a device and not of a VM: it outlasts the VM, until somebody sets it anew or the driver is
/// unloaded. So nothing here asks whether the VM still runs, and a lease on a GPU must be given back even where its VM is
/// gone. Lowering the power or the clocks is done only while the VM has the GPU to itself, as far as ``complete`` was told
/// its devices; giving back is always done.
///
/// NVIDIA's driver takes another schedule only while no vGPU is on the GPU: with a VM to hold back it is always refused.
final class GPUActuator: Sendable {
    /// How long a caller waits for NVML.
    static let deadline = Duration.seconds(5)
    /// VMs whose devices are remembered; hosts have fewer VMs with GPUs.
    private static let mostVMs = 1_024

    private let thread: GPUThread
    private let known = Mutex([VMIdentity: VMDescription]())

    /// A hand over a host's GPUs, which opens nothing yet.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - library: NVML's file, or a name for the loader to find.
    init(roots: HostRoots = HostRoots(), library: String = NVML.soname) {
        thread = GPUThread(patience: { try? await Task.sleep(for: Self.deadline) }) {
            GPUDesk(roots: roots, library: library)
        }
    }

    /// Completes what is known of a VM's parts by the GPUs that it uses and that can be limited.
    ///
    /// A GPU that is passed through is hidden from the host and no part of the VM. Where NVML cannot be asked no GPU is
    /// named, so that nothing is planned that could not be done.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - vm: The VM.
    ///   - pciDevices: PCI devices that it was given, as sysfs names them.
    ///   - mdevs: Mediated devices that it was given, by their UUID in lower case.
    /// - Returns: The parts, with ``VMParts/gpus``.
    func complete(_ parts: VMParts, of vm: VMIdentity, pciDevices: [String], mdevs: [String]) async -> VMParts {
        var parts = parts
        parts.gpus = []
        let hasDevices = !pciDevices.isEmpty || !mdevs.isEmpty
        let description = VMDescription(
            record: VMRecord(identity: vm, name: ""),
            pid: 0,
            taps: [],
            pciDevices: pciDevices,
            mdevs: mdevs
        )
        known.withLock { known in
            if known.count >= Self.mostVMs { known = [:] }
            known[vm] = hasDevices ? description : nil
        }
        guard hasDevices else { return parts }
        do throws(ActuatorError) {
            parts.gpus = try await thread.ask(isChange: false) { desk throws(ActuatorError) in
                try desk.tenancies(of: description).map { VMParts.GPU(address: $0.address, isSole: $0.isSole) }
            }
        } catch {
            // Told where it is tried: doctor and the failed change say why.
        }
        return parts
    }

    /// Reads what a GPU is set to; also where the VM is gone.
    ///
    /// - Parameters:
    ///   - knob: One of the three of a GPU.
    ///   - vm: The VM, of no interest here.
    /// - Returns: The setting in force.
    /// - Throws: `ActuatorError`.
    func read(_ knob: Knob, of vm: VMIdentity) async throws(ActuatorError) -> Setting {
        try await thread.ask(isChange: false) { desk throws(ActuatorError) in
            switch knob {
            case .gpuPower(let address):
                return try desk.with(address) { session, gpu throws(GPUFailure) in
                    let limit = try asked { () throws(NVMLError) in try session.nvml.powerLimit(of: gpu) }
                    return .milliwatts(UInt64(limit.now))
                }
            case .gpuClocks(let address):
                return try desk.with(address) { session, gpu throws(GPUFailure) in
                    let clocks = try asked { () throws(NVMLError) in try session.nvml.applicationClocks(of: gpu) }
                    return .clocks(GPUClocks(memory: clocks.memory, graphics: clocks.graphics))
                }
            case .gpuSchedule(let address):
                return try desk.with(address) { session, gpu throws(GPUFailure) in
                    let schedule = try asked { () throws(NVMLError) in try session.nvml.schedule(of: gpu) }
                    return .schedule(GPUSchedule(schedule))
                }
            default: throw .refused("\(knob) is no knob of a GPU's")
            }
        }
    }

    /// Sets what a GPU has; anything that takes nothing from it also where the VM is gone.
    ///
    /// - Parameters:
    ///   - knob: One of the three of a GPU.
    ///   - setting: A setting of the kind that the knob has.
    ///   - vm: The VM that is to be held back.
    /// - Throws: `ActuatorError`; `refused` out of the device's bounds, where the VM shares the GPU, and without
    ///   CAP_SYS_ADMIN.
    func set(_ knob: Knob, to setting: Setting, of vm: VMIdentity) async throws(ActuatorError) {
        let description = known.withLock { $0[vm] }
        try await thread.ask(isChange: true) { desk throws(ActuatorError) in
            let isSole = { (address: String) throws(GPUFailure) in
                try Self.ensureSole(description, at: address, desk)
            }
            switch (knob, setting) {
            case (.gpuPower(let address), .milliwatts(let value)):
                try desk.with(address) { session, gpu throws(GPUFailure) in
                    try Self.setPower(value, session, gpu) { () throws(GPUFailure) in try isSole(address) }
                }
            case (.gpuClocks(let address), .clocks(let clocks)):
                try desk.with(address) { session, gpu throws(GPUFailure) in
                    try Self.setClocks(clocks, session, gpu) { () throws(GPUFailure) in try isSole(address) }
                }
            case (.gpuSchedule(let address), .schedule(let schedule)):
                try desk.with(address) { session, gpu throws(GPUFailure) in
                    try Self.setSchedule(schedule, session, gpu)
                }
            default: throw .refused("\(knob) cannot be set to \(setting)")
            }
        }
    }

    /// The setting that leaves a VM a share of a GPU that it has to itself.
    ///
    /// - Parameters:
    ///   - knob: The power or the clocks of a GPU.
    ///   - share: From 0 to 1.
    ///   - before: What it is a share of: what was in force before the VM was held back.
    /// - Returns: The setting; ``GPUPlan`` says which.
    /// - Throws: `ActuatorError`; `refused` where the device cannot be set any lower.
    func plan(_ knob: Knob, share: Double, of before: Setting) async throws(ActuatorError) -> Setting {
        let setting: Setting? = try await thread.ask(isChange: false) { desk throws(ActuatorError) in
            switch (knob, before) {
            case (.gpuPower(let address), .milliwatts(let before)):
                return try desk.with(address) { session, gpu throws(GPUFailure) in
                    var limit = try asked { () throws(NVMLError) in try session.nvml.powerLimit(of: gpu) }
                    limit.now = UInt32(exactly: before) ?? limit.now
                    return GPUPlan.power(share, of: limit).map { .milliwatts($0) }
                }
            case (.gpuClocks(let address), .clocks(let before)):
                return try desk.with(address) { session, gpu throws(GPUFailure) in
                    let clocks = NVMLClocks(memory: before.memory, graphics: before.graphics)
                    let supported = try asked { () throws(NVMLError) in
                        try session.nvml.graphicsClocks(beside: clocks.memory, of: gpu)
                    }
                    return GPUPlan.clocks(share, of: clocks, supported: supported).map { .clocks($0) }
                }
            default: throw .refused("\(knob) is not set to a share")
            }
        }
        guard let setting else { throw .refused("\(knob) cannot be set lower than it is") }
        return setting
    }
}

extension GPUActuator {
    /// Makes sure that a VM has a GPU to itself, by the devices that it was last said to have.
    private static func ensureSole(_ vm: VMDescription?, at address: String, _ desk: GPUDesk) throws(GPUFailure) {
        guard let vm else { throw GPUFailure(.refused("it is not known to have the GPU at \(address)")) }
        let tenancies: [GPUTenancy]
        do throws(ActuatorError) {
            tenancies = try desk.tenancies(of: vm)
        } catch {
            throw GPUFailure(error)
        }
        guard let own = tenancies.first(where: { $0.address == address }) else {
            throw GPUFailure(.refused("it does not have the GPU at \(address)"))
        }
        guard own.isSole else { throw GPUFailure(.refused("it shares the GPU at \(address) with other VMs")) }
    }

    private static func setPower(
        _ value: UInt64,
        _ session: GPUSession,
        _ gpu: NVMLDevice,
        _ ensureSole: () throws(GPUFailure) -> Void
    ) throws(GPUFailure) {
        let limit = try asked { () throws(NVMLError) in try session.nvml.powerLimit(of: gpu) }
        guard let milliwatts = UInt32(exactly: value), limit.least <= milliwatts, milliwatts <= limit.most else {
            throw GPUFailure(.refused("\(value) mW is not from \(limit.least) to \(limit.most) mW"))
        }
        if milliwatts < limit.now { try ensureSole() }
        try changed { () throws(NVMLError) in try session.nvml.setPowerLimit(milliwatts, of: gpu) }
    }

    private static func setClocks(
        _ clocks: GPUClocks,
        _ session: GPUSession,
        _ gpu: NVMLDevice,
        _ ensureSole: () throws(GPUFailure) -> Void
    ) throws(GPUFailure) {
        let wanted = NVMLClocks(memory: clocks.memory, graphics: clocks.graphics)
        let now = try asked { () throws(NVMLError) in try session.nvml.applicationClocks(of: gpu) }
        let usual = try? session.nvml.usualApplicationClocks(of: gpu)
        if wanted.graphics < now.graphics || wanted.memory < now.memory { try ensureSole() }
        if wanted == usual {
            // Set like any others they would be held; reset, the GPU raises them by itself, as it did before.
            try changed { () throws(NVMLError) in try session.nvml.resetApplicationClocks(of: gpu) }
        } else {
            try changed { () throws(NVMLError) in try session.nvml.setApplicationClocks(wanted, of: gpu) }
        }
    }

    private static func setSchedule(
        _ schedule: GPUSchedule,
        _ session: GPUSession,
        _ gpu: NVMLDevice
    ) throws(GPUFailure) {
        let bounds = try asked { () throws(NVMLError) in try session.nvml.scheduleBounds(of: gpu) }
        guard let wanted = NVMLSchedule(schedule), bounds.allow(wanted) else {
            throw GPUFailure(.refused("the GPU cannot have the schedule \(schedule)"))
        }
        let vgpus = try asked { () throws(NVMLError) in try session.nvml.vgpus(of: gpu) }
        guard vgpus.isEmpty else {
            let why = "NVIDIA's driver takes another schedule only while no vGPU is on the GPU"
            throw GPUFailure(.refused("\(why), and \(vgpus.count) are"))
        }
        try changed { () throws(NVMLError) in try session.nvml.setSchedule(wanted, of: gpu) }
    }
}

extension GPUSchedule {
    /// A schedule as the ledger keeps it.
    init(_ schedule: NVMLSchedule) {
        switch schedule.parameters {
        case .none: self.init(policy: schedule.policy, isAdaptive: schedule.isAdaptive)
        case .slice(let slice):
            self.init(policy: schedule.policy, isAdaptive: schedule.isAdaptive, parameters: [slice])
        case .adaptive(let frequency, let factor):
            self.init(policy: schedule.policy, isAdaptive: schedule.isAdaptive, parameters: [frequency, factor])
        }
    }
}

extension NVMLSchedule {
    /// A schedule as NVML takes it; `nil` where its parameters are not as many as it needs.
    init?(_ schedule: GPUSchedule) {
        let parameters = schedule.parameters
        switch (parameters.count, schedule.isAdaptive) {
        case (0, _): self.init(policy: schedule.policy, isAdaptive: schedule.isAdaptive)
        case (1, false), (1, nil):
            self.init(policy: schedule.policy, isAdaptive: schedule.isAdaptive, parameters: .slice(parameters[0]))
        case (2, true):
            self.init(
                policy: schedule.policy,
                isAdaptive: true,
                parameters: .adaptive(frequency: parameters[0], factor: parameters[1])
            )
        default: return nil
        }
    }
}
