internal import HostReaders
internal import Signals

/// What was read of one GPU, one vGPU or all GPUs of a VM.
///
/// A reading that is `nil` was not made in this turn: what was told before grows stale and then missing.
struct GPUReadings: Equatable {
    /// Share of time in which any kernel ran, 0 to 1.
    var smUtil: Reading?
    /// Bytes of memory in use.
    var memUsed: Reading?
    /// Share of time in which its memory was read or written, 0 to 1.
    var bandwidthUtil: Reading?
    /// Watts.
    var power: Reading?
    /// Reasons that hold its clocks down.
    var throttleReasons: Reading?
    /// Uncorrected memory errors a second.
    var ecc: Reading?
    /// Xid errors a second.
    var xid: Reading?
    /// Bytes a second that it received over PCIe.
    var pcieRx: Reading?
    /// Bytes a second that it sent over PCIe.
    var pcieTx: Reading?

    /// The same for all.
    init(all reading: Reading?) {
        smUtil = reading
        memUsed = reading
        bandwidthUtil = reading
        power = reading
        throttleReasons = reading
        ecc = reading
        xid = reading
        pcieRx = reading
        pcieTx = reading
    }

    /// The GPUs of a VM together: memory, power, traffic and rates of errors are summed, shares of time are averaged, and
    /// of the reasons to hold clocks down those of the GPU that has most are told.
    ///
    /// A GPU that is not observable is left out where another one is.
    init(of gpus: [GPUReadings]) {
        smUtil = Self.mean(gpus.map(\.smUtil))
        memUsed = Self.join(gpus.map(\.memUsed), +)
        bandwidthUtil = Self.mean(gpus.map(\.bandwidthUtil))
        power = Self.join(gpus.map(\.power), +)
        throttleReasons = Self.join(gpus.map(\.throttleReasons), max)
        ecc = Self.rate(gpus.map(\.ecc))
        xid = Self.rate(gpus.map(\.xid))
        pcieRx = Self.join(gpus.map(\.pcieRx), +)
        pcieTx = Self.join(gpus.map(\.pcieTx), +)
    }

    /// The readings that were made, for the sampler.
    var sideReadings: [SideReading] {
        let all: [(Signal, Reading?)] = [
            (.gpuSMUtil, smUtil), (.gpuMemUsed, memUsed), (.gpuMemBandwidthUtil, bandwidthUtil), (.gpuPower, power),
            (.gpuThrottleReasons, throttleReasons), (.gpuECC, ecc), (.gpuXID, xid), (.gpuPCIeRx, pcieRx),
            (.gpuPCIeTx, pcieTx),
        ]
        return all.compactMap { signal, reading in reading.map { SideReading(signal, $0) } }
    }

    /// Joins levels: a part that failed makes the whole `missing`, as the sum of the others would look like a fall.
    static func join(_ parts: [Reading?], _ operation: (Double, Double) -> Double) -> Reading? {
        var whole: Double?
        var isMissing = false
        for part in parts {
            guard let part else { return nil }
            switch part.quality {
            case .ok: whole = whole.map { operation($0, part.value) } ?? part.value
            case .notObservable: break
            case .stale, .reset, .missing: isMissing = true
            }
        }
        return isMissing ? .missing : whole.map { Reading($0) } ?? .notObservable
    }

    /// The mean over the parts that have a share.
    static func mean(_ parts: [Reading?]) -> Reading? {
        var sum = RateSum()
        for part in parts {
            guard let part else { return nil }
            sum.add(part)
        }
        return sum.mean
    }

    /// The sum of rates of events, by the rules of ``RateSum``.
    static func rate(_ parts: [Reading?]) -> Reading? {
        var sum = RateSum()
        for part in parts {
            guard let part else { return nil }
            sum.add(part)
        }
        return sum.sum
    }
}

extension Reading {
    /// What is said where NVML gave no value.
    init(_ failure: NVMLError) {
        self = failure.isLasting ? .notObservable : .missing
    }
}
