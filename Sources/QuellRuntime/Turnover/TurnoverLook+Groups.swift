import HostReaders

/// Control groups that are left of a VM.
extension TurnoverLook {
    /// Groups of a tree that are looked at, at most.
    private static let mostGroups = 20_000
    /// How the names of files in the kernel's groups begin; all else may be a group.
    private static let controllers: Set<Substring> = [
        "cgroup", "cpu", "cpuset", "cpuacct", "memory", "io", "blkio", "pids", "hugetlb", "rdma", "misc", "irq",
        "perf_event", "devices", "freezer", "net_cls", "net_prio", "dmem", "tasks", "notify_on_release",
        "release_agent",
    ]

    /// Looks through all trees of cgroups.
    mutating func lookAtCgroups() {
        guard subject.name != nil else { return }
        let trees = MountTable(roots: roots).trees
        guard !trees.isEmpty else {
            miss("cgroup", "no cgroup tree is mounted where this command could see it")
            return
        }
        for tree in trees { lookAtCgroups(below: tree.mountPoint) }
    }

    private mutating func lookAtCgroups(below mountPoint: String) {
        var queue = [(path: mountPoint, depth: 0)]
        var next = 0
        while next < queue.count {
            let (path, depth) = queue[next]
            next += 1
            let children = HostDirectory.names(in: path).sorted().filter { name in
                let first = name.prefix { $0 != "." }
                let isFile = Self.controllers.contains(first) && !name.hasSuffix(".slice") && !name.hasSuffix(".scope")
                return !isFile && HostDirectory.exists("\(path)/\(name)/cgroup.procs")
            }
            for name in children {
                let child = path + "/" + name
                if subject.isCgroup(name) {
                    if !holdsOthers(child) { leave(cgroup: child, name: name) }
                } else if depth < 6 {
                    guard queue.count < Self.mostGroups else {
                        miss("cgroup", "\(mountPoint) holds more than \(Self.mostGroups) groups")
                        return
                    }
                    queue.append((child, depth + 1))
                }
            }
        }
    }

    private mutating func leave(cgroup path: String, name: String) {
        let remedy =
            name.hasSuffix(".scope")
            ? "systemctl stop \(AuditJudge.quoted(name))"
            : "find \(AuditJudge.quoted(path)) -depth -type d -exec rmdir {} +"
        leave("cgroup", path, remedy: remedy)
    }

    /// Whether a group holds an emulator of another VM: names shortened for machines may be the same.
    private func holdsOthers(_ path: String) -> Bool {
        let groups = [path, path + "/libvirt", path + "/emulator", path + "/libvirt/emulator"]
        let pids = groups.flatMap { group in
            (HostDirectory.text(of: group + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
        }
        return emulators.contains { pids.contains($0.pid) && !isOfSubject($0) }
    }

    /// Looks through the groups of resctrl.
    mutating func lookAtResctrl() {
        guard let mountPoint = MountTable(roots: roots).resctrl else { return }
        let tree = ResctrlTree(mountPoint: mountPoint)
        for control in tree.controls {
            let isOwn = !control.isEmpty && subject.isResctrl(control)
            let places = (isOwn ? [ResctrlTree.Place(control: control)] : []) + tree.monitors(of: control)
            for place in places {
                let isNamed = place.monitor.map { subject.isResctrl($0) } ?? isOwn
                // Threads of a process of the VM that still runs are told with that process.
                guard isNamed, !threadsAreOthers(tree.threads(in: place)) else { continue }
                let path = tree.directory(of: place)
                leave("resctrl group", path, remedy: "rmdir \(AuditJudge.quoted(path))")
            }
        }
    }

    /// Whether threads are those of emulators of other VMs.
    private func threadsAreOthers(_ threads: [Int32]) -> Bool {
        guard !threads.isEmpty else { return false }
        return emulators.contains { emulator in
            !isOfSubject(emulator)
                && threads.contains { HostDirectory.exists("\(roots.proc)/\(emulator.pid)/task/\($0)") }
        }
    }
}
