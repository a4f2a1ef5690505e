public import Signals

/// kguardian's rule on pressure: a VM is hurt while some of its threads wait for a CPU in a fifth of the time (`some avg10`)
/// and its own quota holds it for less than a tenth; whoever was on the CPUs for two fifths of what all others used, looked
/// at every five seconds, is to blame.
///
/// kguardian takes the share from the scheduler's switches (eBPF); a trace has what each used instead.
public struct StalledVictim: PeerRule {
    /// The share of time in which a victim's threads wait.
    static let stall = 0.20
    /// The share of time from which its own quota explains that.
    static let ownQuota = 0.10
    /// The share of what the others use from which one is to blame.
    static let share = 0.40
    /// Seconds between two looks.
    static let pause = 5.0

    private var stalls: [TenSecondAverage] = []
    private var uses: [TenSecondAverage] = []
    private var looked: Double?

    /// What it is called in a table.
    public let title = "kguardian: pressure of the victim, greatest share of the CPUs"

    /// A rule that has seen nothing.
    public init() {}

    /// Takes one frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The rows of the VMs that it would hold back now.
    public mutating func judge(_ frame: Frame) -> [VMSlot] {
        while stalls.count < frame.capacity {
            stalls.append(TenSecondAverage())
            uses.append(TenSecondAverage())
        }
        for row in 0..<frame.capacity {
            let slot = VMSlot(row)
            stalls[row].take(frame[slot, .cpuPressureSome].trusted ?? 0, over: frame.interval)
            uses[row].take(frame[slot, .cpuUsage].trusted ?? 0, over: frame.interval)
        }
        let second = frame.time.seconds
        if let looked, second - looked < Self.pause { return [] }
        looked = second
        var blamed: [VMSlot] = []
        for row in 0..<frame.capacity where frame.records[row] != nil && stalls[row].value >= Self.stall {
            guard (frame[VMSlot(row), .cpuThrottled].trusted ?? 0) < Self.ownQuota else { continue }
            let others = uses.indices.filter { $0 != row }
            let total = others.reduce(0) { $0 + uses[$1].value }
            guard let most = others.max(by: { uses[$0].value < uses[$1].value }), total > 0 else { continue }
            guard uses[most].value / total >= Self.share, !blamed.contains(VMSlot(most)) else { continue }
            blamed.append(VMSlot(most))
        }
        return blamed
    }
}
