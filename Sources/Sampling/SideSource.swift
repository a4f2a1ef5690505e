public import Signals

/// Something that may wait or is not worth reading in every tick, such as a GPU's driver, a dump of the packet filter or
/// the frequencies of all CPUs.
///
/// The runtime gives each source a thread of its own, tells it which VMs there are, reads it once a ``period`` and hands
/// what it says to the sampler, which tells it in the next tick. A source that hangs delays neither the tick nor another
/// source: its last readings become `stale` and, after ``SideBatch/lifetime``, `missing`. All calls come from that one
/// thread.
public protocol SideSource: AnyObject {
    /// What it reads, in a few words, for the journal.
    var name: String { get }
    /// Seconds between two reads.
    var period: Double { get }

    /// Takes over which VMs there are, whenever that has changed.
    ///
    /// - Parameter vms: All VMs.
    func watch(_ vms: [VMDescription])

    /// Reads everything.
    ///
    /// - Parameter time: The present.
    /// - Returns: What was read.
    func read(at time: MonotonicTime) -> SideBatch
}

/// What one read of a ``SideSource`` gave.
public struct SideBatch: Equatable, Sendable {
    /// The readings of VMs.
    public var vms: [(VMIdentity, [SideReading])] = []
    /// The readings of the host itself.
    public var host: [SideReading] = []
    /// Seconds after which readings that were not made anew become `missing`.
    public var lifetime: Double

    /// A batch without readings.
    ///
    /// - Parameter lifetime: Seconds after which its readings become `missing`.
    public init(lifetime: Double) {
        self.lifetime = lifetime
    }

    /// Whether two batches say the same.
    ///
    /// - Parameters:
    ///   - left: A batch.
    ///   - right: Another batch.
    /// - Returns: Whether they do.
    public static func == (left: SideBatch, right: SideBatch) -> Bool {
        left.lifetime == right.lifetime && left.host == right.host
            && left.vms.elementsEqual(right.vms) { $0.0 == $1.0 && $0.1 == $1.1 }
    }
}
