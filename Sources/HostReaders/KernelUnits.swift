internal import Glibc

/// The units in which the kernel counts for this process.
public struct KernelUnits: Sendable, Equatable {
    /// Clock ticks in a second.
    public var ticksPerSecond: Double
    /// Bytes in a page.
    public var pageSize: Double

    /// The units of the running kernel.
    ///
    /// The corresponding C function is `sysconf`.
    public init() {
        ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        pageSize = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }
}
