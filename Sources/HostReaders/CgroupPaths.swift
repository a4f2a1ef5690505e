/// Why a cgroup of a VM cannot be used.
public enum CgroupProblem: Sendable, Equatable, CustomStringConvertible {
    /// The process or its `cgroup` file cannot be read.
    case unreadable(pid: Int32)
    /// The process is in no group of its own, so the counters would be those of the host.
    case rootGroup(tree: String)
    /// The group holds other processes as well, so the counters would not be those of the VM.
    case shared(tree: String, path: String)
    /// The group has been deleted under the process.
    case deleted(tree: String, path: String)
    /// The group lies outside the cgroup namespace of the agent.
    case outsideNamespace(tree: String, path: String)
    /// The tree is not mounted where the agent could see it.
    case notMounted(tree: String)
    /// The directory that the path leads to is not there.
    case noDirectory(tree: String, path: String)

    /// The problem for people.
    public var description: String {
        switch self {
        case .unreadable(let pid): "/proc/\(pid)/cgroup cannot be read"
        case .rootGroup(let tree): "\(tree): the VM is in no cgroup of its own"
        case .shared(let tree, let path): "\(tree): \(path) holds other processes than the VM"
        case .deleted(let tree, let path): "\(tree): \(path) has been deleted"
        case .outsideNamespace(let tree, let path): "\(tree): \(path) is outside the agent's cgroup namespace"
        case .notMounted(let tree): "\(tree) is not mounted"
        case .noDirectory(let tree, let path): "\(tree): no directory \(path)"
        }
    }
}

/// The cgroups of one VM, found from its QEMU process and never from its name.
///
/// libvirt lays them out in several ways: `machine.slice/machine-qemu\x2d1\x2dvm.scope/libvirt/{emulator,vcpu0}` (v2 with
/// systemd), the same without `libvirt` (v1), `machine/qemu-1-vm.libvirt-qemu/…` (without systemd), below any custom
/// partition, or not at all (KubeVirt). So the group of the process is taken and the parts that libvirt puts below the
/// VM's own group are taken off it. The `\x2d` are literal characters of the directory's name.
public struct CgroupPaths: Sendable, Equatable {
    /// The VM's directory in the v2 tree.
    public var unified: String?
    /// The VM's directory under the v1 `cpu` controller.
    public var cpu: String?
    /// The VM's directory under the v1 `cpuacct` controller.
    public var cpuacct: String?
    /// The VM's directory under the v1 `memory` controller.
    public var memory: String?
    /// The VM's directory under the v1 `blkio` controller.
    public var blkio: String?
    /// The VM's directory under the v1 `pids` controller, which libvirt itself does not use; systemd makes it.
    public var pids: String?
    /// Why others are missing.
    public var problems: [CgroupProblem] = []

    /// No cgroup at all.
    public init() {}

    /// Whether any was found.
    public var isEmpty: Bool { unified == nil && cpu == nil && cpuacct == nil && memory == nil && blkio == nil }

    /// Finds the cgroups of a process and checks that they are there and its own.
    ///
    /// - Parameters:
    ///   - pid: The QEMU process.
    ///   - mounts: The mounted trees.
    ///   - roots: Where procfs is.
    /// - Returns: What was found, and why the rest was not.
    public static func resolve(pid: Int32, mounts: MountTable, roots: HostRoots) -> CgroupPaths {
        guard let text = HostDirectory.text(of: "\(roots.proc)/\(pid)/cgroup") else {
            var none = CgroupPaths()
            none.problems = [.unreadable(pid: pid)]
            return none
        }
        return resolve(text, pid: pid, mounts: mounts)
    }

    /// Finds the cgroups that the text of `/proc/<pid>/cgroup` names.
    static func resolve(_ text: String, pid: Int32, mounts: MountTable) -> CgroupPaths {
        var found = CgroupPaths()
        for line in text.split(separator: "\n") {
            // hierarchy:controller,controller:path; the path may hold colons itself
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasPrefix("/") else { continue }
            let controllers = parts[1].split(separator: ",").map(String.init)
            let wanted = controllers.filter { ["cpu", "cpuacct", "memory", "blkio"].contains($0) }
            let isUnified = parts[0] == "0" && controllers.isEmpty
            if controllers.contains("pids") {
                // Only a finer source of what the process tells as well: where it is not usable, that is no problem.
                let trees = mounts.trees.filter { !$0.isUnified && $0.controllers.contains("pids") }
                if case .success(let path) = scope(String(parts[2]), pid: pid, trees: trees, label: "cgroup v1 pids") {
                    found.pids = path
                }
            }
            guard isUnified || !wanted.isEmpty else { continue }
            let label = isUnified ? "cgroup v2" : "cgroup v1 " + wanted.joined(separator: ",")
            let trees = mounts.trees.filter { tree in
                isUnified ? tree.isUnified : !tree.isUnified && wanted.allSatisfy(tree.controllers.contains)
            }
            switch scope(String(parts[2]), pid: pid, trees: trees, label: label) {
            case .success(let path):
                if isUnified { found.unified = path }
                if wanted.contains("cpu") { found.cpu = path }
                if wanted.contains("cpuacct") { found.cpuacct = path }
                if wanted.contains("memory") { found.memory = path }
                if wanted.contains("blkio") { found.blkio = path }
            case .failure(let problem):
                found.problems.append(problem.problem)
            }
        }
        return found
    }

    /// A problem as an error, for `Result`.
    private struct Unusable: Error {
        var problem: CgroupProblem
    }

    /// The directory of the VM's own group in one tree.
    private static func scope(
        _ group: String,
        pid: Int32,
        trees: [MountTable.Tree],
        label: String
    ) -> Result<String, Unusable> {
        let deleted = " (deleted)"
        if group.hasSuffix(deleted) {
            return .failure(Unusable(problem: .deleted(tree: label, path: String(group.dropLast(deleted.count)))))
        }
        guard !trees.isEmpty else { return .failure(Unusable(problem: .notMounted(tree: label))) }
        let (own, isNamed) = stripped(group)
        guard own != "/" else { return .failure(Unusable(problem: .rootGroup(tree: label))) }
        guard let (tree, below) = place(own, trees) else {
            return .failure(Unusable(problem: .outsideNamespace(tree: label, path: own)))
        }
        guard !below.isEmpty else { return .failure(Unusable(problem: .rootGroup(tree: label))) }
        let directory = tree.mountPoint + below
        guard HostDirectory.exists(directory) else {
            return .failure(Unusable(problem: .noDirectory(tree: label, path: directory)))
        }
        if !isNamed, isShared(directory, pid: pid) {
            return .failure(Unusable(problem: .shared(tree: label, path: own)))
        }
        return .success(directory)
    }

    /// Takes off what libvirt puts below the VM's own group.
    ///
    /// - Returns: The group, and whether its shape says that it is one VM's.
    static func stripped(_ group: String) -> (path: String, isNamed: Bool) {
        var parts = group.split(separator: "/")
        var isNamed = false
        if let last = parts.last, last == "emulator" || isNumbered(last, "vcpu") || isNumbered(last, "iothread") {
            parts.removeLast()
            isNamed = true
        }
        if parts.last == "libvirt" {
            parts.removeLast()
            isNamed = true
        }
        if let last = parts.last, last.hasPrefix("machine-qemu") || last.hasSuffix(".libvirt-qemu") { isNamed = true }
        return ("/" + parts.joined(separator: "/"), isNamed)
    }

    /// Whether a name is `prefix` and a number.
    static func isNumbered(_ name: Substring, _ prefix: String) -> Bool {
        name.hasPrefix(prefix) && UInt16(name.dropFirst(prefix.count)) != nil
    }

    /// The tree that shows a group, and the group's path below its mount point.
    private static func place(_ group: String, _ trees: [MountTable.Tree]) -> (MountTable.Tree, String)? {
        for tree in trees {
            let root = tree.root == "/" ? "" : tree.root
            guard group == root || group.hasPrefix(root + "/") else { continue }
            let below = group.dropFirst(root.count)
            // A path that still climbs leads out of the namespace that the mount shows.
            if !below.split(separator: "/").contains("..") { return (tree, String(below)) }
        }
        return nil
    }

    /// Whether a group lists a process other than this one.
    private static func isShared(_ directory: String, pid: Int32) -> Bool {
        guard let text = HostDirectory.text(of: directory + "/cgroup.procs") else { return true }
        return text.split(separator: "\n").contains { $0 != "\(pid)" }
    }
}
