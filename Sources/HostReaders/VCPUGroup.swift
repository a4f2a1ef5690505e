/// The cgroup that libvirt gives to one vCPU.
public struct VCPUGroup: Sendable, Equatable {
    /// The vCPU, from 0.
    public var index: Int
    /// Its directory.
    public var directory: String

    /// Names a group.
    ///
    /// - Parameters:
    ///   - index: The vCPU, from 0.
    ///   - directory: Its directory.
    public init(index: Int, directory: String) {
        self.index = index
        self.directory = directory
    }

    /// The threads in it, from `cgroup.threads` (v2) or `tasks` (v1).
    public var threads: [Int32] {
        let text =
            HostDirectory.text(of: directory + "/cgroup.threads") ?? HostDirectory.text(of: directory + "/tasks") ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }
}

extension CgroupPaths {
    /// The groups of the vCPUs in order: v1 `vcpuN`, v2 `libvirt/vcpuN`; empty where libvirt made none.
    public var vcpuGroups: [VCPUGroup] {
        for base in [cpu, unified.map { $0 + "/libvirt" }, unified] {
            guard let base else { continue }
            let groups = HostDirectory.names(in: base).compactMap { name -> VCPUGroup? in
                guard Self.isNumbered(name[...], "vcpu"), let index = Int(name.dropFirst(4)) else { return nil }
                return VCPUGroup(index: index, directory: base + "/" + name)
            }
            if !groups.isEmpty { return groups.sorted { $0.index < $1.index } }
        }
        return []
    }
}
