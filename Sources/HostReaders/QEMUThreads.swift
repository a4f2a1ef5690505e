/// The threads of a QEMU process by what they do.
public struct QEMUThreads: Sendable, Equatable {
    /// A thread that runs a vCPU.
    public struct VCPU: Sendable, Equatable {
        /// The vCPU, from 0.
        public var index: Int
        /// The thread.
        public var tid: Int32
        /// The vCPU's cgroup, where libvirt made one.
        public var directory: String?

        /// Names a vCPU's thread.
        ///
        /// - Parameters:
        ///   - index: The vCPU, from 0.
        ///   - tid: The thread.
        ///   - directory: The vCPU's cgroup.
        public init(index: Int, tid: Int32, directory: String?) {
            self.index = index
            self.tid = tid
            self.directory = directory
        }
    }

    /// The vCPUs in order.
    public var vcpus: [VCPU] = []
    /// Threads that serve the disks of the guest (`IO …`).
    public var iothreads: [Int32] = []
    /// All others: the main loop and its workers.
    public var emulator: [Int32] = []

    /// Lists the threads of a process: vCPUs from their cgroups, or from their names (`CPU 0/KVM`) where there are none.
    ///
    /// - Parameters:
    ///   - process: The process.
    ///   - cgroups: Its cgroups.
    ///   - roots: Where procfs is.
    public init(of process: QEMUProcess, cgroups: CgroupPaths, roots: HostRoots) {
        let base = "\(roots.proc)/\(process.pid)/task"
        let tids = HostDirectory.names(in: base).compactMap { Int32($0) }.sorted()
        let groups = cgroups.vcpuGroups
        for group in groups {
            for tid in group.threads where tids.contains(tid) {
                vcpus.append(VCPU(index: group.index, tid: tid, directory: group.directory))
            }
        }
        let isGrouped = !vcpus.isEmpty
        for tid in tids where !(isGrouped && vcpus.contains { $0.tid == tid }) {
            let name = HostDirectory.text(of: "\(base)/\(tid)/comm") ?? ""
            if !isGrouped, let index = Self.vcpu(name) {
                let directory = groups.first { $0.index == index }?.directory
                vcpus.append(VCPU(index: index, tid: tid, directory: directory))
            } else if name.hasPrefix("IO ") {
                iothreads.append(tid)
            } else {
                emulator.append(tid)
            }
        }
        vcpus.sort { ($0.index, $0.tid) < ($1.index, $1.tid) }
    }

    /// The vCPU in a thread's name: `CPU 3/KVM`, `CPU 3/TCG`, or `ALL CPUs/TCG` where one thread runs them all.
    package static func vcpu(_ name: String) -> Int? {
        if name.hasPrefix("ALL CPUs/") { return 0 }
        guard name.hasPrefix("CPU "), let slash = name.firstIndex(of: "/") else { return nil }
        return UInt16(name[name.index(name.startIndex, offsetBy: 4)..<slash]).map(Int.init)
    }
}
