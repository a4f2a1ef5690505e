internal import HostReaders

extension HostFacts {
    /// What the powercap tree tells.
    public enum Power: Equatable, Sendable {
        /// Power drawn and a limit, of every package.
        case limited
        /// Power drawn, and no limit of some package.
        case unlimited
        /// Nothing to this process.
        case denied
        /// There is no such tree.
        case absent
    }

    /// Looks at the packages of a host.
    static func power(_ roots: HostRoots) -> Power {
        let packages = PowerPackage.all(roots)
        if packages.isEmpty { return .absent }
        guard packages.allSatisfy({ $0.access == .readable }) else { return .denied }
        return packages.allSatisfy { $0.limit != nil } ? .limited : .unlimited
    }

    /// Whether any PCI device counts its errors.
    static func hasAER(_ roots: HostRoots) -> Bool {
        let base = roots.sys + "/bus/pci/devices"
        return HostDirectory.names(in: base).contains { HostDirectory.exists("\(base)/\($0)/\(AERTotal.files[0])") }
    }

    /// Whether swap is charged to cgroups: in v2 unless it was switched off at boot, in v1 where the root group has the
    /// file for memory and swap.
    static func accountsSwap(_ roots: HostRoots, _ mounts: MountTable, _ parameters: Set<String>) -> Bool {
        guard HostDirectory.exists(roots.proc + "/swaps") else { return false }
        guard let v1 = mounts.trees.first(where: { !$0.isUnified && $0.controllers.contains("memory") }) else {
            return !parameters.contains("swapaccount=0") && !parameters.contains("cgroup.memory=noswap")
        }
        return HostDirectory.exists(v1.mountPoint + "/memory.memsw.usage_in_bytes")
    }
}
