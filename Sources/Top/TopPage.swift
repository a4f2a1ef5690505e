public import Signals

/// A set of columns of `quell top`.
public enum TopPage: String, CaseIterable, Sendable {
    /// A little of everything.
    case overview
    /// One kind of thing each.
    case cpu, memory, cache, disk, network, gpu, hypervisor

    /// The signals that it shows, from left to right.
    public var signals: [Signal] {
        switch self {
        case .overview:
            [
                .cpuUsage, .cpuRunDelay, .memRSS, .memPressureSome, .diskReadBytes, .diskWriteBytes, .ioPressureSome,
                .netRxBytes, .netTxBytes, .vmAnomaly,
            ]
        case .cpu:
            [
                .cpuUsage, .cpuRunDelay, .cpuPressureSome, .cpuPressureFull, .cpuThrottled, .cpuSystemShare,
                .cpuMigrations, .qemuRunDelay,
            ]
        case .memory:
            [
                .memRSS, .memBalloonUsable, .memGrowth, .memPressureSome, .memPressureFull, .memMajorFaults, .memSwapIn,
                .memSwapOut, .memSwapHeld, .memDirtyRate, .memOOMEvents,
            ]
        case .cache: [.llcOccupancy, .mbmTotal, .mbmLocal, .perfCPI, .perfLLCMissRate, .busSplitLocks]
        case .disk:
            [
                .diskReadBytes, .diskWriteBytes, .diskReadOps, .diskWriteOps, .diskLatency, .diskFlushes,
                .ioPressureSome, .ioPressureFull, .diskAllocation,
            ]
        case .network:
            [
                .netRxBytes, .netTxBytes, .netRxPackets, .netTxPackets, .netDrops, .netErrors, .netMulticast,
                .netSpoofed, .netNeighbours,
            ]
        case .gpu:
            [
                .gpuSMUtil, .gpuMemUsed, .gpuMemBandwidthUtil, .gpuPower, .gpuThrottleReasons, .gpuECC, .gpuXID,
                .gpuPCIeRx, .gpuPCIeTx, .pciAERErrors, .pciIOMMUFaults,
            ]
        case .hypervisor:
            [.kvmExits, .kvmHaltPolls, .irqInjections, .qemuThreads, .qemuFDs, .libvirtLatency, .libvirtJobAge]
        }
    }

    /// The page that a digit stands for, `1` for the first; `nil` for any other character.
    init?(digit: Character) {
        guard let number = digit.wholeNumberValue, Self.allCases.indices.contains(number - 1) else { return nil }
        self = Self.allCases[number - 1]
    }
}

extension Signal {
    /// The name over a column: without what the page says anyway.
    var heading: String {
        switch self {
        case .cpuRunDelay: "delay"
        case .cpuUsage: "cpu"
        case .cpuMigrations: "moves"
        case .cpuSystemShare: "system"
        case .qemuRunDelay: "qemu wait"
        case .memRSS: "memory"
        case .memBalloonUsable: "usable"
        case .memMajorFaults: "faults"
        case .memDirtyRate: "dirtied"
        case .memOOMEvents: "ooms"
        case .perfLLCMissRate: "misses"
        case .busSplitLocks: "splitlock"
        case .llcOccupancy: "llc"
        case .diskReadBytes: "read"
        case .diskWriteBytes: "write"
        case .diskReadOps: "reads"
        case .diskWriteOps: "writes"
        case .diskAllocation: "alloc"
        case .cpuPressureSome, .memPressureSome, .ioPressureSome: group + " psi"
        case .cpuPressureFull, .memPressureFull, .ioPressureFull: group + " full"
        case .netRxBytes: "rx"
        case .netTxBytes: "tx"
        case .netRxPackets: "rx pkts"
        case .netTxPackets: "tx pkts"
        case .netNeighbours: "sources"
        case .gpuMemBandwidthUtil: "mem bw"
        case .gpuThrottleReasons: "throttle"
        case .kvmHaltPolls: "polls"
        case .irqInjections: "irqs"
        case .pciAERErrors: "aer"
        case .pciIOMMUFaults: "iommu"
        default: String(name.drop { $0 != "." }.dropFirst()).replacing("_", with: " ")
        }
    }

    private var group: String { String(name.prefix { $0 != "." }) }
}

extension Unit {
    /// A value in at most 9 characters, the unit left out where the column tells it.
    func short(_ value: Double) -> String {
        switch self {
        case .cores, .count, .cyclesPerInstruction: Self.decimal(value)
        case .perSecond: Self.decimal(value) + "/s"
        case .secondsPerSecond: Self.decimal(value * 1_000) + "ms/s"
        case .seconds: abs(value) < 1 ? Self.decimal(value * 1_000) + "ms" : Self.decimal(value) + "s"
        case .ratio: Self.decimal(value * 100) + "%"
        case .watts: Self.decimal(value) + "W"
        case .hertz: Self.decimal(value) + "Hz"
        case .bytes: Self.scaled(value, by: 1_024)
        case .bytesPerSecond: Self.scaled(value, by: 1_024) + "/s"
        }
    }

    private static func decimal(_ value: Double) -> String { scaled(value, by: 1_000) }

    private static func scaled(_ value: Double, by base: Double) -> String {
        guard value.isFinite else { return "?" }
        var rest = value
        var letter = ""
        for next in ["k", "M", "G", "T", "P"] where abs(rest) >= base {
            rest /= base
            letter = next
        }
        return abs(rest) < base ? digits(rest) + letter : "huge"
    }
}
