/// What the resource control file system offers, from its `info` directory (`filesystems/resctrl`).
public struct ResctrlInfo: Equatable, Sendable {
    /// The events that Quell reads.
    public static let events: Set<String> = ["llc_occupancy", "mbm_total_bytes", "mbm_local_bytes"]

    /// The events that groups can be monitored for; empty where the CPU monitors nothing.
    public var features: Set<String> = []
    /// Monitoring ids that the host has, that of the root group included; 0 where it monitors nothing.
    public var rmids = 0
    /// Classes of service that the host has, that of the root group included: the fewest of all resources, as the kernel
    /// counts them; `nil` where it controls nothing.
    public var closids: Int?

    /// A host that offers nothing.
    public init() {}

    /// Reads the directory; what cannot be read or understood counts as not offered.
    ///
    /// - Parameter mountPoint: Where the file system is mounted.
    public init(mountPoint: String) {
        let info = mountPoint + "/info"
        let monitor = info + "/L3_MON"
        features = Set(Self.words(monitor + "/mon_features"))
        rmids = Self.number(monitor + "/num_rmids") ?? 0
        for resource in HostDirectory.names(in: info) {
            guard let count = Self.number("\(info)/\(resource)/num_closids") else { continue }
            closids = min(closids ?? count, count)
        }
    }

    /// The words of a file.
    private static func words(_ path: String) -> [String] {
        (HostDirectory.text(of: path) ?? "").split { $0 == "\n" || $0 == " " }.map(String.init)
    }

    /// The one positive number in a file that is no larger than any host's.
    private static func number(_ path: String) -> Int? {
        words(path).first.flatMap { Int($0) }.flatMap { (1...65_536).contains($0) ? $0 : nil }
    }
}
