/// Where the kernel's file trees are: the real ones, or a fixture tree in a test.
public struct HostRoots: Sendable, Equatable {
    /// procfs.
    public var proc: String
    /// sysfs.
    public var sys: String
    /// Where the cgroup trees are mounted; stands in for `/sys/fs/cgroup` in the mount table.
    public var cgroup: String
    /// Runtime state, for libvirt's pid files.
    public var run: String
    /// Device nodes.
    public var dev: String
    /// State that outlives a boot, such as libvirt's own.
    public var state: String
    /// Kernels and how they were configured.
    public var boot: String

    /// Roots, by default those of the running host.
    ///
    /// - Parameters:
    ///   - proc: procfs.
    ///   - sys: sysfs.
    ///   - cgroup: Where the cgroup trees are mounted.
    ///   - run: Runtime state.
    ///   - dev: Device nodes.
    ///   - state: State that outlives a boot.
    ///   - boot: Kernels and how they were configured.
    public init(
        proc: String = "/proc",
        sys: String = "/sys",
        cgroup: String = "/sys/fs/cgroup",
        run: String = "/run",
        dev: String = "/dev",
        state: String = "/var",
        boot: String = "/boot"
    ) {
        self.proc = proc
        self.sys = sys
        self.cgroup = cgroup
        self.run = run
        self.dev = dev
        self.state = state
        self.boot = boot
    }

    /// The roots of a copy of a host's trees below one directory.
    ///
    /// - Parameter tree: The directory that stands in for `/`.
    public init(tree: String) {
        self.init(
            proc: tree + "/proc",
            sys: tree + "/sys",
            cgroup: tree + "/sys/fs/cgroup",
            run: tree + "/run",
            dev: tree + "/dev",
            state: tree + "/var",
            boot: tree + "/boot"
        )
    }

    /// A mount point of the mount table as it is reached through these roots.
    func reached(_ mountPoint: String) -> String {
        for (usual, root) in [("/sys/fs/cgroup", cgroup), ("/sys", sys)]
        where mountPoint == usual || mountPoint.hasPrefix(usual + "/") {
            return root + mountPoint.dropFirst(usual.count)
        }
        return mountPoint
    }
}
