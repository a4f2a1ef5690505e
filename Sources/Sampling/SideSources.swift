public import HostReaders

/// Every source that is read outside of the tick.
public enum SideSources {
    /// What makes each of them, to be called on the thread that then owns it.
    ///
    /// - Parameter roots: Where the kernel's files are.
    /// - Returns: One maker for each source.
    public static func all(_ roots: HostRoots) -> [@Sendable () -> any SideSource] {
        [
            { GPUSource(roots: roots) },
            { MulticastSource(roots: roots) },
            { SpoofSource() },
            { NeighbourSource(roots: roots) },
            { ResctrlCounts(roots: roots) },
            { PowerSource(roots: roots) },
        ]
    }
}
