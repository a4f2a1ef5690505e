internal import Glibc

/// The number of a block device.
public struct BlockDevice: Hashable, Sendable {
    /// The major number, below 4,096.
    public var major: UInt32
    /// The minor number, below 1,048,576.
    public var minor: UInt32

    /// A device.
    ///
    /// - Parameters:
    ///   - major: The major number.
    ///   - minor: The minor number.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Reads `major:minor` as sysfs writes it into `dev`.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is no device number.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        guard let major = Scan.number(bytes, &index), Scan.at(Scan.colon, bytes, index) else { throw Malformed(at: 0) }
        index += 1
        // 12 and 20 bits, as the kernel's `dev_t` has them.
        guard let minor = Scan.number(bytes, &index), bytes[index] == Scan.newline, major < 1 << 12, minor < 1 << 20
        else { throw Malformed(at: 0) }
        self.init(major: UInt32(major), minor: UInt32(minor))
    }

    /// Both numbers in one: `major << 20 | minor`.
    public var number: UInt32 { major << 20 | minor }

    /// The device behind a path: the device itself for a device node, or that of the file system on which a file lies;
    /// `nil` where there is no such path, or its file system lies on no one device.
    ///
    /// The corresponding C function is `stat`.
    ///
    /// - Parameter path: The path.
    public init?(behind path: String) {
        var status = stat()
        // SAFETY: the kernel fills the one structure it is given.
        guard unsafe stat(path, &status) == 0 else { return nil }
        let device = status.st_mode & S_IFMT == S_IFBLK ? status.st_rdev : status.st_dev
        // As `gnu_dev_major` and `gnu_dev_minor` take it apart, which are macros.
        let major = UInt32(truncatingIfNeeded: (device >> 8) & 0xfff)
        let minor = UInt32(truncatingIfNeeded: (device & 0xff) | ((device >> 12) & 0xfff00))
        // Network file systems, btrfs and overlays have numbers without a device behind them.
        guard major > 0 else { return nil }
        self.init(major: major, minor: minor)
    }

    /// The whole disks below a device: of a partition its disk, of a device mapper's or an array's all that it is made of.
    ///
    /// - Parameter roots: Where sysfs is.
    /// - Returns: The disks, sorted by number; empty where sysfs does not tell.
    public func disks(_ roots: HostRoots) -> [BlockDevice] {
        var found: Set<BlockDevice> = []
        guard collect(into: &found, roots, depth: 0) else { return [] }
        return found.sorted { $0.number < $1.number }
    }

    /// Adds the disks below it; `false` where one of them cannot be told.
    private func collect(into found: inout Set<BlockDevice>, _ roots: HostRoots, depth: Int) -> Bool {
        // Devices stand on each other a few deep; a loop would have no end.
        guard depth < 8 else { return false }
        let directory = "\(roots.sys)/dev/block/\(major):\(minor)"
        guard HostDirectory.exists(directory) else { return false }
        if HostDirectory.exists(directory + "/partition") {
            guard let disk = Self.read(directory + "/../dev") else { return false }
            return disk.collect(into: &found, roots, depth: depth + 1)
        }
        let parts = HostDirectory.names(in: directory + "/slaves")
        if parts.isEmpty { found.insert(self) }
        for part in parts {
            guard let device = Self.read("\(directory)/slaves/\(part)/dev"),
                device.collect(into: &found, roots, depth: depth + 1)
            else { return false }
        }
        return true
    }

    /// The number in a file.
    private static func read(_ path: String) -> BlockDevice? {
        HostDirectory.bytes(of: path).flatMap { try? BlockDevice($0.span) }
    }
}
