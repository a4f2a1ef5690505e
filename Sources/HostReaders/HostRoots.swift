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

    /// Roots, by default those of the running host.
    ///
    /// - Parameters:
    ///   - proc: procfs.
    ///   - sys: sysfs.
    ///   - cgroup: Where the cgroup trees are mounted.
    ///   - run: Runtime state.
    ///   - dev: Device nodes.
    public init(
        proc: String = "/proc",
        sys: String = "/sys",
        cgroup: String = "/sys/fs/cgroup",
        run: String = "/run",
        dev: String = "/dev"
    ) {
        self.proc = proc
        self.sys = sys
        self.cgroup = cgroup
        self.run = run
        self.dev = dev
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
            dev: tree + "/dev"
        )
    }

    /// A mount point of the mount table as it is reached through these roots.
    func reached(_ mountPoint: String) -> String {
        let usual = "/sys/fs/cgroup"
        guard mountPoint == usual || mountPoint.hasPrefix(usual + "/") else { return mountPoint }
        return cgroup + mountPoint.dropFirst(usual.count)
    }
}
