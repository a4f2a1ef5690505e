import Signals

/// By what a VM's use of a resource is measured; each is one series of the rings.
enum Use: Int, CaseIterable, Sendable {
    /// Cores used.
    case cpu
    /// Bytes of host memory, swapped out or not, that it holds more than it usually did (``Attributor/floors``).
    case memory
    /// Bytes of last-level cache held.
    case occupancy
    /// Last-level cache misses a second.
    case misses
    /// Bytes a second to and from memory.
    case bandwidth
    /// Split locks a second.
    case locks
    /// Bytes a second read and written, each request counted as ``bytesPerRequest`` more.
    case storage
    /// Flush requests a second.
    case flushes
    /// Bytes a second that the guest sent, each packet counted as ``bytesPerPacket`` more.
    case sent
    /// The same of what it sent and received.
    case traffic
    /// Share of time for which its GPU, or its GPU's memory, was busy, whichever is more.
    case gpu
    /// Watts drawn by its GPU.
    case power

    /// What a request costs a disk beside its bytes, as bytes: a linear model of base and size (Heo et al., *IOCost*,
    /// ASPLOS'22, section 3.2) with the ratio of common flash, some 60,000 requests or 2 GB a second.
    static let bytesPerRequest = 32_768.0
    /// What a packet costs a host beside its bytes, as bytes: 1 µs of CPU time, in which a 10 Gb/s link sends 1,250.
    static let bytesPerPacket = 1_250.0

    /// The signal that is told as the measure, with the unit of the use.
    var signal: Signal {
        switch self {
        case .cpu: .cpuUsage
        case .memory: .memRSS
        case .occupancy: .llcOccupancy
        case .misses: .perfLLCMissRate
        case .bandwidth: .mbmTotal
        case .locks: .busSplitLocks
        case .storage: .diskWriteBytes
        case .flushes: .diskFlushes
        case .sent, .traffic: .netTxBytes
        case .gpu: .gpuSMUtil
        case .power: .gpuPower
        }
    }

    /// The use of the VM in a row in this tick; ``memory`` without what it usually holds taken off.
    ///
    /// - Parameters:
    ///   - slot: The row.
    ///   - frame: The frame.
    /// - Returns: The use, as far to be trusted as the worst of the readings that it is made of.
    func reading(_ slot: VMSlot, in frame: borrowing Frame) -> Reading {
        switch self {
        case .cpu: frame[slot, .cpuUsage]
        case .memory: Self.held(frame[slot, .memRSS], swapped: frame[slot, .memSwapHeld])
        case .occupancy: frame[slot, .llcOccupancy]
        case .misses: frame[slot, .perfLLCMissRate]
        case .bandwidth: frame[slot, .mbmTotal].orElse(frame[slot, .mbmLocal])
        case .locks: frame[slot, .busSplitLocks]
        case .storage:
            Self.sum(
                Self.sum(frame[slot, .diskReadBytes], frame[slot, .diskWriteBytes], times: 1),
                Self.sum(frame[slot, .diskReadOps], frame[slot, .diskWriteOps], times: 1),
                times: Self.bytesPerRequest
            )
        case .flushes: frame[slot, .diskFlushes]
        case .sent: Self.sum(frame[slot, .netTxBytes], frame[slot, .netTxPackets], times: Self.bytesPerPacket)
        case .traffic:
            Self.sum(
                Self.sum(frame[slot, .netTxBytes], frame[slot, .netRxBytes], times: 1),
                Self.sum(frame[slot, .netTxPackets], frame[slot, .netRxPackets], times: 1),
                times: Self.bytesPerPacket
            )
        case .gpu: Self.larger(frame[slot, .gpuSMUtil], frame[slot, .gpuMemBandwidthUtil])
        case .power: frame[slot, .gpuPower]
        }
    }

    /// Memory held and swapped out; the latter is read seldom, so that its last value serves in between.
    private static func held(_ resident: Reading, swapped: Reading) -> Reading {
        switch swapped.quality {
        case .ok, .stale: Reading(resident.value + swapped.value, resident.quality)
        case .notObservable: resident
        case .reset, .missing: Reading(resident.value, worse(resident.quality, swapped.quality))
        }
    }

    /// One reading and a multiple of another; a part that the host cannot see is left out.
    private static func sum(_ first: Reading, _ second: Reading, times: Double) -> Reading {
        if second.quality == .notObservable { return first }
        if first.quality == .notObservable { return Reading(second.value * times, second.quality) }
        return Reading(first.value + second.value * times, worse(first.quality, second.quality))
    }

    /// The larger of two readings; one that the host cannot see is left out.
    private static func larger(_ first: Reading, _ second: Reading) -> Reading {
        if second.quality == .notObservable { return first }
        if first.quality == .notObservable { return second }
        return Reading(max(first.value, second.value), worse(first.quality, second.quality))
    }

    /// The quality that is trusted less.
    private static func worse(_ first: Quality, _ second: Quality) -> Quality {
        first.rawValue >= second.rawValue ? first : second
    }
}

extension Reading {
    /// This reading, or another where this one is not known at all.
    fileprivate func orElse(_ other: Reading) -> Reading { quality == .ok || quality == .stale ? self : other }
}
