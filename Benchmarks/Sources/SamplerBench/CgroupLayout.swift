internal import CMeter
internal import HostReaders

/// One mounted tree of cgroups, and how libvirt puts VMs into it.
struct CgroupLayout {
    /// Where the tree is mounted.
    let mountPoint: String
    /// What it is, for people.
    let label: String

    /// What libvirt makes in it for a VM.
    private enum Shape {
        /// A group for the VM and none below it: v1 trees without the CPU, and a v2 tree without controllers.
        case flat
        /// v1: `emulator` and `vcpuN` below the VM's group.
        case threads
        /// v2: `libvirt/emulator` and `libvirt/vcpuN`, threaded.
        case threaded
    }

    private let shape: Shape
    private let base: String

    /// The trees of this host that the sampler reads.
    ///
    /// - Parameter name: The group below which the VMs are put.
    /// - Returns: The trees.
    static func all(_ name: String) -> [CgroupLayout] {
        MountTable(roots: HostRoots()).trees.compactMap { tree in
            let base = tree.mountPoint + "/" + name
            if tree.isUnified {
                let text = HostDirectory.text(of: tree.mountPoint + "/cgroup.controllers") ?? ""
                let hasCPU = text.split(whereSeparator: \.isWhitespace).contains("cpu")
                let label = hasCPU ? "v2" : "v2 without controllers"
                return CgroupLayout(tree.mountPoint, label, hasCPU ? .threaded : .flat, base)
            }
            let read = tree.controllers.filter { ["cpu", "cpuacct", "memory", "blkio"].contains($0) }
            guard !read.isEmpty else { return nil }
            let isOfCPU = read.contains("cpu") || read.contains("cpuacct")
            let label = "v1 " + read.joined(separator: ",")
            return CgroupLayout(tree.mountPoint, label, isOfCPU ? .threads : .flat, base)
        }
    }

    private init(_ mountPoint: String, _ label: String, _ shape: Shape, _ base: String) {
        self.mountPoint = mountPoint
        self.label = label
        self.shape = shape
        self.base = base
    }

    /// Makes the group below which the VMs are put.
    func begin() {
        _ = Self.make(base)
        guard shape == .threaded else { return }
        Self.enable(in: mountPoint)
        Self.enable(in: base)
    }

    /// Gives this process the CPU weight that the unit gives the daemon (`CPUWeight=1000`), where the tree has the CPU.
    ///
    /// - Returns: Whether it did.
    func enter() -> Bool {
        guard shape == .threaded || label.split(separator: " ").last?.split(separator: ",").contains("cpu") == true,
            Self.write("1000", base + "/cpu.weight") || Self.write("10240", base + "/cpu.shares")
        else { return false }
        return Self.make(base + "/agent") && Self.write("0", base + "/agent/cgroup.procs")
    }

    /// Takes this process out of the groups that are going to be removed.
    func leave() {
        _ = Self.write("0", mountPoint + "/cgroup.procs")
    }

    /// Puts a VM into the tree.
    ///
    /// - Parameters:
    ///   - number: The number of the VM, from 1.
    ///   - pid: Its process.
    ///   - vcpus: Its vCPU threads.
    /// - Returns: Whether the kernel took it.
    func place(_ number: Int, pid: Int32, _ vcpus: [QEMUThreads.VCPU]) -> Bool {
        let scope = base + "/machine-qemu\\x2d\(number)\\x2dbench.scope"
        guard Self.make(scope) else { return false }
        switch shape {
        case .flat: return Self.write("\(pid)", scope + "/cgroup.procs")
        case .threads:
            guard Self.make(scope + "/emulator"), Self.write("\(pid)", scope + "/emulator/cgroup.procs") else {
                return false
            }
            return vcpus.allSatisfy { vcpu in
                let group = scope + "/vcpu\(vcpu.index)"
                return Self.make(group) && Self.write("\(vcpu.tid)", group + "/tasks")
            }
        case .threaded:
            Self.enable(in: scope)
            let inner = scope + "/libvirt"
            guard Self.make(inner), Self.write("\(pid)", inner + "/cgroup.procs"),
                Self.make(inner + "/emulator"), Self.write("threaded", inner + "/emulator/cgroup.type"),
                Self.write("\(pid)", inner + "/emulator/cgroup.procs")
            else { return false }
            _ = Self.write("+cpu", inner + "/cgroup.subtree_control")
            return vcpus.allSatisfy { vcpu in
                let group = inner + "/vcpu\(vcpu.index)"
                return Self.make(group) && Self.write("threaded", group + "/cgroup.type")
                    && Self.write("\(vcpu.tid)", group + "/cgroup.threads")
            }
        }
    }

    /// Hands the controllers that are there to the groups below one.
    private static func enable(in group: String) {
        for controller in ["+cpu", "+memory", "+io", "+pids"] {
            _ = write(controller, group + "/cgroup.subtree_control")
        }
    }

    /// Makes a directory.
    private static func make(_ path: String) -> Bool {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe meter_make_directory(path)
    }

    /// Writes a text into a file.
    private static func write(_ text: String, _ path: String) -> Bool {
        // SAFETY: both are NUL-terminated copies that outlive the call.
        unsafe meter_write(path, text)
    }
}
