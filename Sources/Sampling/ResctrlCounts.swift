public import HostReaders
public import Signals

/// How many classes of service and monitoring ids are free, by counting the groups of all (`filesystems/resctrl`).
///
/// Directories are listed for it, so it is read outside of the tick.
public final class ResctrlCounts: SideSource {
    /// What it reads.
    public let name = "resctrl groups"
    /// Seconds between two counts.
    public let period = 10.0

    private let tree: ResctrlTree?
    private let info: ResctrlInfo

    /// Finds the file system.
    ///
    /// - Parameter roots: Where the host's trees are.
    public init(roots: HostRoots = HostRoots()) {
        tree = MountTable(roots: roots).resctrl.map { ResctrlTree(mountPoint: $0) }
        info = tree.map { ResctrlInfo(mountPoint: $0.mountPoint) } ?? ResctrlInfo()
    }

    /// Takes over which VMs there are; of no interest here.
    ///
    /// - Parameter vms: All VMs.
    public func watch(_ vms: [VMDescription]) {}

    /// Counts the groups.
    ///
    /// - Parameter time: The present.
    /// - Returns: `host.free_clos` and `host.free_rmids`, not observable where the host has none.
    public func read(at time: MonotonicTime) -> SideBatch {
        var batch = SideBatch(lifetime: 3 * period)
        batch.host = [
            SideReading(.hostFreeCLOS, free(info.closids, tree?.usedClosids)),
            SideReading(.hostFreeRMIDs, free(info.rmids > 0 ? info.rmids : nil, tree?.usedRMIDs)),
        ]
        return batch
    }

    /// What is left of a number of ids.
    private func free(_ all: Int?, _ used: Int?) -> Reading {
        guard let all, let used else { return .notObservable }
        return Reading(Double(max(0, all - used)))
    }
}
