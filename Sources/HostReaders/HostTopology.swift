/// Which CPUs share a last-level cache, and which lie on which NUMA node, as sysfs tells (`ABI/testing/sysfs-devices-system-cpu`,
/// `ABI/stable/sysfs-devices-node`).
public struct HostTopology: Equatable, Sendable {
    /// The last-level cache of each CPU, by the kernel's id or, where it gives none, by the first CPU that shares it.
    public var caches: [UInt32: UInt32] = [:]
    /// The NUMA node of each CPU.
    public var nodes: [UInt32: UInt32] = [:]

    /// A host of which nothing is known.
    public init() {}

    /// Looks at a host.
    ///
    /// - Parameter roots: Where sysfs is.
    public init(_ roots: HostRoots) {
        for cpu in CPUList.online(roots) {
            if let cache = Self.lastCache("\(roots.sys)/devices/system/cpu/cpu\(cpu)/cache") {
                caches[UInt32(cpu)] = cache
            }
        }
        let base = roots.sys + "/devices/system/node"
        for name in HostDirectory.names(in: base) where name.hasPrefix("node") {
            guard let node = UInt32(name.dropFirst(4)),
                let bytes = HostDirectory.bytes(of: "\(base)/\(name)/cpulist"), let list = try? CPUList(bytes.span)
            else { continue }
            for cpu in list.cpus { nodes[UInt32(cpu)] = node }
        }
    }

    /// The caches of CPUs, sorted; empty where one of them is not known.
    ///
    /// - Parameter cpus: The CPUs.
    /// - Returns: The caches.
    public func caches(of cpus: [UInt32]) -> [UInt32] { Self.places(of: cpus, in: caches) }

    /// The NUMA nodes of CPUs, sorted; empty where one of them is not known.
    ///
    /// - Parameter cpus: The CPUs.
    /// - Returns: The nodes.
    public func nodes(of cpus: [UInt32]) -> [UInt32] { Self.places(of: cpus, in: nodes) }

    /// Where CPUs lie.
    private static func places(of cpus: [UInt32], in table: [UInt32: UInt32]) -> [UInt32] {
        var places: Set<UInt32> = []
        for cpu in cpus {
            guard let place = table[cpu] else { return [] }
            places.insert(place)
        }
        return places.sorted()
    }

    /// The cache of the highest level that a CPU has.
    private static func lastCache(_ directory: String) -> UInt32? {
        var highest: UInt64 = 0
        var found: UInt32?
        for name in HostDirectory.names(in: directory).sorted() where name.hasPrefix("index") {
            let index = "\(directory)/\(name)"
            guard let level = number(index + "/level"), level > highest else { continue }
            if HostDirectory.text(of: index + "/type")?.hasPrefix("Instruction") == true { continue }
            let sharers = HostDirectory.bytes(of: index + "/shared_cpu_list").flatMap { try? CPUList($0.span) }
            guard let id = number(index + "/id") ?? sharers?.cpus.first.map({ UInt64($0) }), id <= UInt32.max else {
                continue
            }
            highest = level
            found = UInt32(id)
        }
        return found
    }

    /// The number that a file holds.
    private static func number(_ path: String) -> UInt64? {
        HostDirectory.bytes(of: path).flatMap { bytes in try? SingleValue(bytes.span) }?.value
    }
}
