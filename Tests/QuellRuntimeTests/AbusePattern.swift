import Signals
import Testing

/// A pattern of abuse under the name of its shipped rule: what an honest VM reads, and what an abusing one.
struct AbusePattern: Sendable, CustomTestStringConvertible {
    /// The rule of the shipped policy.
    var rule: String
    /// What an honest VM reads.
    var usual: [Signal: Double]
    /// What changes while it abuses.
    var abuse: [Signal: Double]
    /// The signal, and a value of it at which the rule just breaches; the others as in the abuse.
    var bound: (signal: Signal, value: Double)
    /// Whether the rule breaches at or below the bound.
    var isBelow = false
    /// What the host reads meanwhile.
    var host: [Signal: Double] = [:]

    var testDescription: String { rule }

    /// What most VMs read.
    static let plain: [Signal: Double] = [
        .cpuUsage: 0.6, .cpuSystemShare: 0.2, .diskReadOps: 60, .diskWriteOps: 80, .netTxPackets: 400,
        .netRxPackets: 500, .netTxBytes: 300_000, .memPressureSome: 0, .llcOccupancy: 2_097_152,
    ]

    /// A pattern on top of what most VMs read.
    init(
        _ rule: String,
        usual: [Signal: Double] = [:],
        abuse: [Signal: Double],
        bound: (signal: Signal, value: Double),
        isBelow: Bool = false,
        host: [Signal: Double] = [:]
    ) {
        self.rule = rule
        self.usual = Self.plain.merging(usual) { _, new in new }
        self.abuse = abuse
        self.bound = bound
        self.isBelow = isBelow
        self.host = host
    }

    /// Every pattern that a level tells; those of slopes and beats have tests of their own.
    static let all: [AbusePattern] = [
        AbusePattern(
            "bus-split-locks",
            usual: [.busSplitLocks: 0],
            abuse: [.busSplitLocks: 40],
            bound: (.busSplitLocks, 10)
        ),
        AbusePattern(
            "llc-cleansing",
            usual: [.perfLLCMissRate: 2e6],
            abuse: [.perfLLCMissRate: 9e7, .llcOccupancy: 2e7],
            bound: (.llcOccupancy, 8 * 1_048_576)
        ),
        AbusePattern(
            "rowhammer-bursts",
            usual: [.perfLLCMissRate: 2e6],
            abuse: [.perfLLCMissRate: 6e7, .llcOccupancy: 300_000, .diskReadOps: 0],
            bound: (.perfLLCMissRate, 2e7)
        ),
        AbusePattern(
            "memory-thrash",
            usual: [.memMajorFaults: 5],
            abuse: [.memMajorFaults: 8_000, .memPressureSome: 0.3],
            bound: (.memPressureSome, 0.05)
        ),
        AbusePattern(
            "swap-thrash",
            usual: [.memSwapOut: 0, .memSwapIn: 0],
            abuse: [.memSwapOut: 3e7, .memSwapIn: 3e7],
            bound: (.memSwapIn, 4 * 1_048_576)
        ),
        AbusePattern(
            "disk-fill",
            usual: [.diskAllocation: 1e5],
            abuse: [.diskAllocation: 9e7],
            bound: (.diskAllocation, 32 * 1_048_576)
        ),
        AbusePattern(
            "flush-storm",
            usual: [.diskFlushes: 20],
            abuse: [.diskFlushes: 6_000],
            bound: (.diskFlushes, 1_000)
        ),
        AbusePattern("net-packet-flood", abuse: [.netTxPackets: 9e5], bound: (.netTxPackets, 1e5)),
        AbusePattern(
            "net-multicast-flood",
            usual: [.netMulticast: 3],
            abuse: [.netMulticast: 9_000],
            bound: (.netMulticast, 2_000)
        ),
        AbusePattern("net-spoofing", usual: [.netSpoofed: 0], abuse: [.netSpoofed: 200], bound: (.netSpoofed, 5)),
        AbusePattern(
            "net-many-addresses",
            usual: [.netNeighbours: 1],
            abuse: [.netNeighbours: 900],
            bound: (.netNeighbours, 64)
        ),
        AbusePattern(
            "net-scanning",
            abuse: [.netTxPackets: 8_000, .netRxPackets: 4, .netTxBytes: 500_000],
            bound: (.netRxPackets, 100),
            isBelow: true
        ),
        AbusePattern(
            "sustained-mining",
            abuse: [
                .cpuUsage: 1.99, .cpuSystemShare: 0.01, .diskReadOps: 0, .diskWriteOps: 1, .netTxPackets: 5,
            ],
            bound: (.cpuUsage, 1.8)
        ),
        AbusePattern("exit-storm", usual: [.kvmExits: 9_000], abuse: [.kvmExits: 2e6], bound: (.kvmExits, 3e5)),
        AbusePattern("gpu-hog", usual: [.gpuSMUtil: 0.3], abuse: [.gpuSMUtil: 1], bound: (.gpuSMUtil, 0.95)),
        AbusePattern(
            "power-hog",
            abuse: [.cpuUsage: 2],
            bound: (.cpuUsage, 1.8),
            host: [.hostPowerHeadroom: 3]
        ),
        AbusePattern(
            "gpu-power-hog",
            usual: [.gpuPower: 60],
            abuse: [.gpuPower: 320],
            bound: (.gpuPower, 200),
            host: [.hostPowerHeadroom: 3]
        ),
    ]
}
