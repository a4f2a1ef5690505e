internal import Glibc
public import HostReaders

extension HostFacts {
    /// Numbers of capabilities (`capability.h`).
    private static let sysAdmin = 21
    private static let perfmon = 38

    /// Whether the calling process may count what others do whatever `kernel.perf_event_paranoid` says, from `CapEff` in
    /// `/proc/self/status`.
    ///
    /// - Parameter roots: Where procfs is.
    /// - Returns: Whether it has CAP_PERFMON or CAP_SYS_ADMIN.
    static func mayCountOthers(_ roots: HostRoots) -> Bool {
        capabilities(roots) & (1 << sysAdmin | 1 << perfmon) != 0
    }

    /// Whether the calling process may administer the host, as NVIDIA's driver wants of who limits its GPUs.
    ///
    /// - Parameter roots: Where procfs is.
    /// - Returns: Whether it has CAP_SYS_ADMIN.
    public static func mayAdminister(_ roots: HostRoots) -> Bool { capabilities(roots) & 1 << sysAdmin != 0 }

    /// The effective capabilities of the calling process; 0 where they cannot be read.
    private static func capabilities(_ roots: HostRoots) -> UInt64 {
        let text = HostDirectory.text(of: roots.proc + "/self/status") ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let word = line.dropFirst(7).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
        else { return 0 }
        return UInt64(word, radix: 16) ?? 0
    }

    /// Whether the calling process may make monitoring groups and put other users' threads into them: the kernel wants
    /// an effective user of root for the second, and no capability stands in for it.
    ///
    /// The corresponding C functions are `geteuid` and `access`.
    ///
    /// - Parameter mountPoint: Where resctrl is mounted.
    /// - Returns: Whether it may.
    static func mayMonitor(_ mountPoint: String) -> Bool {
        guard geteuid() == 0 else { return false }
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        return unsafe access(mountPoint + "/mon_groups", W_OK) == 0
    }
}
