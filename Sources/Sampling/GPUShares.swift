internal import HostReaders
internal import Signals

/// The vGPUs on one GPU.
///
/// A vGPU has memory of its own and, where NVML counts it, its share of the GPU's time; where a GPU instance backs it,
/// it has Xid errors of its own too. Power, clocks, memory errors, PCIe traffic and the other Xid errors are the GPU's:
/// whose they are cannot be told as long as several VMs are on it, so that no VM is told of them then.
final class GPUShares {
    /// Reads without a sample after which the driver's clock is taken to have gone back.
    private static let patience = 10

    private var shares: [NVMLVGPU: GPUShare] = [:]
    /// vGPUs that are on the GPU and of which NVML did not say whose they are.
    private var strangers: Set<NVMLVGPU> = []
    /// The vGPUs of the turn before.
    private var before: Set<NVMLVGPU> = []
    /// Why they are not known; `nil` where they are.
    private var absence: NVMLError?
    /// The time of the latest sample; 0 until one was read.
    private var sampled: UInt64 = 0
    private var emptyReads = 0
    private var instanceXids: [UInt32: UInt64] = [:]
    private var wholeXids: UInt64 = 0

    /// All Xid errors of the GPU since it is watched.
    var xids: UInt64 { wholeXids + instanceXids.values.reduce(0, +) }

    /// Begins a turn in which the GPU cannot be asked.
    func begin(failing failure: NVMLError) { absence = failure }

    /// Begins a turn: lists the vGPUs.
    ///
    /// - Returns: Why they cannot be listed; `nil` where they can.
    func list(_ device: NVMLDevice, in session: GPUSession) -> NVMLError? {
        before = Set(shares.keys).union(strangers)
        strangers = []
        do {
            let present = Set(try session.nvml.vgpus(of: device))
            absence = nil
            shares = shares.filter { present.contains($0.key) }
            for vgpu in present where shares[vgpu] == nil {
                do {
                    shares[vgpu] = try GPUShare(vgpu, in: session)
                } catch {
                    // One that ended since it was listed is no stranger.
                    if error.code != .notFound { strangers.insert(vgpu) }
                }
            }
            return nil
        } catch {
            absence = error
            if error.isLasting { shares = [:] }
            return error
        }
    }

    /// Takes an Xid error of a GPU instance, or of the whole GPU.
    func take(xidOf instance: UInt32?) {
        if let instance {
            instanceXids[instance, default: 0] += 1
        } else {
            wholeXids += 1
        }
    }

    /// Starts counting anew what was not recorded while NVML was closed.
    func reopen() {
        for vgpu in shares.keys { shares[vgpu]?.xid.forget() }
    }

    /// Whether all vGPUs on the GPU are one VM's.
    func areAll(of claims: GPUClaims) -> Bool {
        absence == nil && strangers.isEmpty && !shares.isEmpty && shares.values.allSatisfy { $0.belongs(to: claims) }
    }

    /// Reads all vGPUs.
    ///
    /// - Parameters:
    ///   - device: The GPU.
    ///   - session: NVML.
    ///   - whole: What was read of the whole GPU.
    ///   - events: Why Xid errors cannot be told; `nil` where they can.
    ///   - time: The present.
    func read(
        _ device: NVMLDevice,
        in session: GPUSession,
        whole: GPUReadings,
        events: NVMLError?,
        at time: MonotonicTime
    ) {
        guard absence == nil, !shares.isEmpty else { return }
        let samples = samples(device, session)
        let isIdle = whole.smUtil == Reading(0) && whole.bandwidthUtil == Reading(0)
        var instances: [NVMLInstance]?
        for (vgpu, share) in shares {
            var readings = GPUReadings(all: .notObservable)
            switch samples {
            case .failure(let error):
                readings.smUtil = Reading(error)
                readings.bandwidthUtil = readings.smUtil
            case .success(let samples):
                // Where nothing ran on the GPU there may be no sample; else one that is not there yet is waited for.
                let shares = samples[vgpu]
                readings.smUtil = shares.map { Reading($0.sm) } ?? (isIdle ? Reading(0) : nil)
                readings.bandwidthUtil = shares.map { Reading($0.memory) } ?? (isIdle ? Reading(0) : nil)
            }
            readings.memUsed = memory(of: vgpu, share, device, session, &instances)
            if let instance = share.instance {
                let count = wholeXids + instanceXids[instance, default: 0]
                let rate = shares[vgpu]?.xid.rate(of: count, at: time)
                readings.xid = device.hasEvents ? events.map { Reading($0) } ?? rate : .notObservable
            }
            shares[vgpu]?.readings = readings
        }
    }

    /// What a VM is told of its vGPUs on this GPU.
    ///
    /// - Parameters:
    ///   - claims: The VM.
    ///   - whole: What was read of the whole GPU.
    /// - Returns: The readings.
    func readings(of claims: GPUClaims, whole: GPUReadings) -> GPUReadings {
        if let absence { return GPUReadings(all: Reading(absence)) }
        let own = shares.filter { $0.value.belongs(to: claims) }
        guard !own.isEmpty else { return GPUReadings(all: .missing) }
        let parts = own.values.map(\.readings)
        var sum = GPUReadings(all: .notObservable)
        // Several vGPUs of one VM on one GPU add up to its share of the GPU.
        sum.smUtil = GPUReadings.join(parts.map(\.smUtil)) { min(1, $0 + $1) }
        sum.bandwidthUtil = GPUReadings.join(parts.map(\.bandwidthUtil)) { min(1, $0 + $1) }
        sum.memUsed = GPUReadings.join(parts.map(\.memUsed), +)
        sum.xid = GPUReadings.rate(parts.map(\.xid))
        guard areAll(of: claims) else { return sum }
        if sum.smUtil == .notObservable { sum.smUtil = whole.smUtil }
        if sum.bandwidthUtil == .notObservable { sum.bandwidthUtil = whole.bandwidthUtil }
        sum.power = whole.power
        sum.throttleReasons = whole.throttleReasons
        sum.pcieRx = whole.pcieRx
        sum.pcieTx = whole.pcieTx
        // What was counted since the turn before is only told of a VM that had the GPU to itself all along.
        let wasSole = before.allSatisfy { own[$0] != nil }
        sum.ecc = wasSole ? whole.ecc : .missing
        sum.xid = wasSole ? whole.xid : .missing
        return sum
    }

    /// Shares of time that were sampled since the turn before.
    ///
    /// The first answer is over all that the driver keeps, minutes perhaps, so it only gives the time to go on from.
    private func samples(
        _ device: NVMLDevice,
        _ session: GPUSession
    ) -> Result<[NVMLVGPU: NVMLUtilization], NVMLError> {
        do {
            let isFirst = sampled == 0
            let samples = try session.nvml.vgpuSamples(of: device, since: sampled)
            var fresh: [NVMLVGPU: NVMLUtilization] = [:]
            for sample in samples where sample.time > sampled || isFirst { fresh[sample.vgpu] = sample.shares }
            emptyReads = samples.isEmpty ? emptyReads + 1 : 0
            sampled = emptyReads >= Self.patience ? 0 : samples.reduce(sampled) { max($0, $1.time) }
            return .success(isFirst ? [:] : fresh)
        } catch {
            return .failure(error)
        }
    }

    /// Bytes that a vGPU uses; those of the GPU instance that backs it where NVML does not tell them of the vGPU.
    private func memory(
        of vgpu: NVMLVGPU,
        _ share: GPUShare,
        _ device: NVMLDevice,
        _ session: GPUSession,
        _ instances: inout [NVMLInstance]?
    ) -> Reading {
        do {
            return Reading(Double(try session.nvml.memoryUsed(of: vgpu)))
        } catch {
            guard error.isLasting, let id = share.instance else { return Reading(error) }
            do {
                if instances == nil { instances = try session.nvml.instances(of: device) }
                return instances?.first { $0.id == id }.map { Reading(Double($0.memoryUsed)) } ?? .missing
            } catch {
                return Reading(error)
            }
        }
    }
}
