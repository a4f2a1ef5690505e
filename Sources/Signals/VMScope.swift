/// Where a VM lies on the host: the physical things that it may share with other VMs.
///
/// Each list is sorted and without repetition; an empty one means that it is not known. What is not known is taken to be
/// shared with everybody: it can keep a suspect in, never acquit one.
public struct VMScope: Equatable, Sendable {
    /// Host CPUs on which its vCPUs may run, by number.
    public var cpus: [UInt32]
    /// Last-level cache domains of those CPUs, by the kernel's cache id.
    public var caches: [UInt32]
    /// NUMA nodes on which its memory may lie.
    public var nodes: [UInt32]
    /// Host block devices under its disks: `major << 20 | minor` of the whole disk.
    public var disks: [UInt32]
    /// Bridges or uplinks that its interfaces hang on, by the host's interface index.
    public var links: [UInt32]
    /// GPUs and other functions that it was handed whole or in part, by PCI address:
    /// `segment << 16 | bus << 8 | device << 3 | function` of the physical function.
    public var gpus: [UInt32]

    /// A place of which nothing is known.
    public init() {
        cpus = []
        caches = []
        nodes = []
        disks = []
        links = []
        gpus = []
    }
}
