public import Signals

/// Skylark's rule against hot spots: while the host is at its bound, the low-priority VM that uses most is limited, whether
/// anybody is hurt or not.
///
/// Skylark takes the bound from the package's power, at 98 per cent of its limit; where a trace has no power, 98 per cent of
/// the host's CPUs in use stand for it. All VMs of a trace count as of low priority.
public struct BusiestVM: PeerRule {
    /// The share of the host that is in use at its bound.
    static let bound = 0.98

    /// What it is called in a table.
    public let title = "Skylark: the busiest VM of a host at its bound"

    /// A rule that has seen nothing.
    public init() {}

    /// Takes one frame.
    ///
    /// - Parameter frame: The frame.
    /// - Returns: The rows of the VMs that it would hold back now.
    public mutating func judge(_ frame: Frame) -> [VMSlot] {
        let uses = (0..<frame.capacity).compactMap { row -> (slot: VMSlot, cores: Double)? in
            frame[VMSlot(row), .cpuUsage].trusted.map { (VMSlot(row), $0) }
        }
        let busy = uses.reduce(0) { $0 + $1.cores }
        guard busy >= Self.bound * Double(frame.hostCPUs) else { return [] }
        return uses.max { $0.cores < $1.cores }.map { [$0.slot] } ?? []
    }
}
