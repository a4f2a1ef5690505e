import Enforcement
import Glibc
import HostReaders

/// What a host lets Quell do with control groups of resctrl, and why not.
struct CacheHost {
    /// Something that is in the way.
    struct Trouble: Equatable {
        /// What it is.
        var why: String
        /// What an operator can do.
        var remedy: String
    }

    /// The file system; `nil` where it is not mounted.
    let tree: ResctrlTree?
    /// How it is mounted.
    let options: Set<String>
    /// Whether the caller is root.
    let isRoot: Bool
    private let roots: HostRoots

    /// Looks where the file system is.
    ///
    /// - Parameters:
    ///   - roots: Where the host's trees are.
    ///   - isRoot: Whether the caller is root.
    init(roots: HostRoots, isRoot: Bool = geteuid() == 0) {
        let mounts = MountTable(roots: roots)
        tree = mounts.resctrl.map { ResctrlTree(mountPoint: $0) }
        options = mounts.resctrlOptions
        self.isRoot = isRoot
        self.roots = roots
    }

    /// What stands in the way of control groups on this host; `nil` where nothing does.
    var trouble: Trouble? {
        guard let tree else {
            return Trouble(
                why: "resctrl is not mounted",
                remedy: "on a CPU with rdt_a, mount -t resctrl resctrl /sys/fs/resctrl"
            )
        }
        guard isRoot else {
            return Trouble(
                why: "only root may put a VM's threads into a group",
                remedy: "resctrl.conf as a drop-in of the unit"
            )
        }
        guard MountedResctrl.isWritable(tree.mountPoint) else {
            return Trouble(why: "\(tree.mountPoint) cannot be written", remedy: "resctrl.conf as a drop-in of the unit")
        }
        guard HostDirectory.exists(roots.proc + "/self/cpu_resctrl_groups") else {
            return Trouble(
                why: "the kernel does not tell which group a thread is in",
                remedy: "Linux 5.6 with CONFIG_PROC_CPU_RESCTRL"
            )
        }
        let others = tree.controls.filter {
            !$0.isEmpty && !CacheGroups.all.contains($0) && !ResctrlTree.isLibvirts($0)
        }
        guard others.isEmpty else {
            let names = others.prefix(4).joined(separator: ", ")
            return Trouble(
                why: "another manager has control groups here: \(names)",
                remedy: "remove them, or leave caches to that manager"
            )
        }
        do throws(ActuatorError) {
            for group in CacheGroups.all { _ = try plan(for: group) }
        } catch {
            return Trouble(why: Self.text(error), remedy: "a CPU with cat_l3, cat_l2 or mba, mounted in per cent")
        }
        let missing = CacheGroups.all.subtracting(tree.controls).count
        if let all = ResctrlInfo(mountPoint: tree.mountPoint).closids, missing == 2, tree.usedClosids >= all {
            return Trouble(
                why: "no class of service is free: all \(all) are in use",
                remedy: "fewer <cachetune> groups"
            )
        }
        return nil
    }

    /// What a group of Quell's may use here.
    ///
    /// - Parameter group: The group.
    /// - Returns: Its plan.
    /// - Throws: ``ActuatorError/refused(_:)`` where it would hold nobody back.
    func plan(for group: String) throws(ActuatorError) -> CachePlan {
        guard let tree else { throw .refused("resctrl is not mounted") }
        let resources = ResctrlResource.all(mountPoint: tree.mountPoint)
        guard !resources.isEmpty, let usual = tree.schemata(of: "") else {
            throw .refused("the processor shares out neither cache nor memory bandwidth")
        }
        return try CachePlan(for: group, resources, usual: usual, options: options)
    }

    /// What was refused, without the words around it.
    private static func text(_ error: ActuatorError) -> String {
        if case .refused(let text) = error { text } else { "\(error)" }
    }
}
