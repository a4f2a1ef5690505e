public import HostReaders
public import Signals

/// The GPUs of VMs, through NVML.
///
/// | the VM has | it is told |
/// |---|---|
/// | a vGPU on a GPU with vGPUs of other VMs | its memory; its share of the GPU's time; Xid errors where a GPU instance (MIG) backs it |
/// | all vGPUs on a GPU | these, and the GPU's power, clocks, memory errors, Xid errors and PCIe traffic |
/// | a whole GPU that the host's driver still holds | everything |
/// | a GPU that VFIO passes through, or none | nothing: not observable |
///
/// NVML is open only while a VM has something that it sees, and only those GPUs are attached: whoever holds a GPU open
/// keeps it from being unbound and passed through. After a failure NVML is opened again, ever more seldom.
public final class GPUSource: SideSource {
    /// What it reads.
    public let name = "GPUs through NVML"
    /// Seconds between two reads: no driver samples its GPUs more often than a few times a second.
    public let period = 1.0
    /// Why NVML, or a GPU that a VM has, cannot be read at present; `nil` where all can.
    public private(set) var fault: NVMLError?

    /// Reads after which the devices of VMs are looked up again, and VMs without a GPU are told so again.
    private static let refresh: UInt64 = 30
    /// Seconds of waiting for PCIe traffic in one read; a GPU takes 40 ms.
    private static let patience = 0.25

    private let roots: HostRoots
    private let library: String
    private var vms: [VMDescription] = []
    private var claims: [GPUClaims] = []
    private var bystanders: [VMIdentity] = []
    private var devices: [String: GPUDevice] = [:]
    private var session: GPUSession?
    private var retry = GPURetry()
    private var reads: UInt64 = 0
    private var changed: UInt64 = 0

    /// A source that opens nothing yet.
    ///
    /// - Parameters:
    ///   - roots: Where sysfs is.
    ///   - library: NVML's file, or a name for the loader to find.
    public init(roots: HostRoots = HostRoots(), library: String = NVML.soname) {
        self.roots = roots
        self.library = library
    }

    /// Whether NVML is open.
    public var isOpen: Bool { session != nil }

    /// Takes over which VMs there are; closes NVML where a GPU that it holds is not a VM's any more.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {
        self.vms = vms
        changed = reads
        resolve()
    }

    /// Reads all GPUs that VMs have; blocks for as long as the driver takes.
    ///
    /// - Parameter time: The present.
    /// - Returns: The readings.
    public func read(at time: MonotonicTime) -> SideBatch {
        if reads % Self.refresh == Self.refresh - 1 { resolve() }
        let isTold = reads < changed + 3 || reads % Self.refresh == 0
        defer { reads += 1 }
        let turns = open(at: time)
        var batch = SideBatch(lifetime: 4 + Double(turns))
        for claims in claims { batch.vms.append((claims.identity, readings(of: claims).sideReadings)) }
        // What is not observable does not grow stale, so that saying it now and then is enough.
        if isTold {
            let nothing = GPUReadings(all: .notObservable).sideReadings
            for identity in bystanders { batch.vms.append((identity, nothing)) }
        }
        return batch
    }

    /// Looks up which GPUs the VMs have.
    private func resolve() {
        claims = []
        bystanders = []
        for vm in vms {
            let found = vm.pciDevices.isEmpty && vm.mdevs.isEmpty ? nil : GPUClaims(of: vm, roots: roots)
            if let found, !found.gpus.isEmpty {
                claims.append(found)
            } else {
                bystanders.append(vm.record.identity)
            }
        }
        let needed = Set(claims.flatMap(\.gpus))
        devices = devices.filter { needed.contains($0.key) }
        for address in needed where devices[address] == nil { devices[address] = GPUDevice() }
        if let session, !session.gpus.keys.allSatisfy(needed.contains) { close() }
        if needed.isEmpty {
            fault = nil
            retry.succeeded()
        }
    }

    /// Opens NVML where it is needed and not open, and reads all GPUs.
    ///
    /// - Parameter time: The present.
    /// - Returns: In every how many reads the PCIe traffic is read.
    private func open(at time: MonotonicTime) -> UInt64 {
        guard !devices.isEmpty else { return 1 }
        if fault != nil, retry.isDue(at: time) { close() }
        if session == nil, retry.isDue(at: time) {
            do {
                session = try GPUSession(path: library)
                for device in devices.values { device.reopen() }
            } catch {
                fault = error
                retry.failed(at: time)
            }
        }
        guard let session else {
            let failure = fault ?? NVMLError(.noLibrary, in: "dlopen", "not opened yet")
            for device in devices.values { device.begin(failing: failure) }
            return 1
        }
        let isRetried = fault == nil || retry.isDue(at: time)
        let turns = read(session, at: time)
        let failures = devices.sorted { $0.key < $1.key }.compactMap(\.value.failure)
        fault = failures.first
        if failures.isEmpty {
            retry.succeeded()
        } else if isRetried {
            retry.failed(at: time)
        }
        return turns
    }

    /// Reads all GPUs.
    private func read(_ session: GPUSession, at time: MonotonicTime) -> UInt64 {
        var attached: [(device: GPUDevice, handle: NVMLDevice, isSole: Bool)] = []
        for (address, device) in devices.sorted(by: { $0.key < $1.key }) {
            switch session.attach(address) {
            case .success(let handle):
                device.begin(handle, in: session)
                let isSole = claims.contains { $0.whole.contains(address) || device.shares.areAll(of: $0) }
                attached.append((device, handle, isSole))
            case .failure(let error): device.begin(failing: error)
            }
        }
        let events = takeEvents(session, attached.map { ($0.device, $0.handle) })
        let waiting = Double(attached.count { $0.isSole }) * 0.04
        let turns = UInt64(max(1, (waiting / Self.patience).rounded(.up)))
        for (device, handle, isSole) in attached {
            let withPCIe = reads % turns == 0
            device.read(handle, in: session, isSole: isSole, events: events, withPCIe: withPCIe, at: time)
        }
        return turns
    }

    /// Counts the Xid errors that were reported since the read before, at most 1,024 of them.
    ///
    /// - Returns: Why they cannot be told; `nil` where they can.
    private func takeEvents(_ session: GPUSession, _ devices: [(GPUDevice, NVMLDevice)]) -> NVMLError? {
        let handles = devices.map(\.1).filter(\.hasEvents)
        guard !handles.isEmpty else { return nil }
        do {
            for _ in 0..<1_024 {
                guard let event = try session.nvml.nextEvent(of: handles) else { return nil }
                devices.first { $0.1 == event.device }?.0.shares.take(xidOf: event.instance)
            }
            return nil
        } catch {
            return error
        }
    }

    /// What a VM is told of all its GPUs.
    private func readings(of claims: GPUClaims) -> GPUReadings {
        var parts: [GPUReadings] = []
        for address in claims.whole { if let device = devices[address] { parts.append(device.readings) } }
        for address in claims.shared {
            guard let device = devices[address] else { continue }
            parts.append(device.shares.readings(of: claims, whole: device.readings))
        }
        return GPUReadings(of: parts)
    }

    /// Closes NVML, and with it lets go of all GPUs.
    private func close() { session = nil }
}
