/// A swap area that is in use, from `/proc/swaps` (`proc(5)`).
public struct SwapArea: Equatable, Sendable {
    /// Where pages that are swapped out end up.
    public enum Store: Equatable, Sendable {
        /// On a device that dm-crypt encrypts.
        case encrypted
        /// In memory, compressed; never on a disk (`zram`).
        case memory
        /// On a device, as they are.
        case plain
        /// It cannot be told; the reason.
        case unknown(String)
    }

    /// The device or file.
    public var path: String
    /// `partition` or `file`.
    public var kind: String
    /// Its size in bytes.
    public var size: UInt64
    /// Bytes of it that hold pages.
    public var used: UInt64

    /// Areas that are read at most; the kernel has no more than 29 (`MAX_SWAPFILES`).
    static let most = 64

    /// Reads the table; lines that make no sense are left out.
    ///
    /// - Parameter text: The text of the table.
    /// - Returns: The areas in its order; `nil` where it does not begin as the table does.
    public static func all(_ text: String) -> [SwapArea]? {
        let lines = text.split(separator: "\n")
        guard lines.first?.hasPrefix("Filename") == true else { return nil }
        return lines.dropFirst().prefix(most).compactMap { line in
            let fields = line.split { $0 == " " || $0 == "\t" }
            guard fields.count == 5, let size = UInt64(fields[2]), let used = UInt64(fields[3]),
                size < 1 << 50, used < 1 << 50
            else { return nil }
            let path = MountTable.unescaped(fields[0])
            return SwapArea(path: path, kind: String(fields[1]), size: size << 10, used: used << 10)
        }
    }

    /// Where its pages end up.
    ///
    /// - Parameter roots: Where sysfs and procfs are.
    /// - Returns: Where.
    public func store(_ roots: HostRoots) -> Store {
        if kind == "partition" {
            guard path.hasPrefix("/dev/") else { return .unknown("\(path) is no device") }
            var name = String(path.dropFirst(5))
            if name.contains("/") {
                // /dev/mapper/swap is a link to ../dm-0.
                guard let last = PCIFunction.target(of: roots.dev + "/" + name).last else {
                    return .unknown("\(path) leads to no device")
                }
                name = last
            }
            return Self.store(ofDevice: name, roots, depth: 0)
        }
        guard let name = Self.device(under: path, roots) else {
            return .unknown("the device under the file \(path) cannot be told")
        }
        return Self.store(ofDevice: name, roots, depth: 0)
    }

    /// Where pages on a device end up: it or all devices below it are dm-crypt's, or it is in memory.
    private static func store(ofDevice name: String, _ roots: HostRoots, depth: Int) -> Store {
        guard depth < 8, !name.contains("/"), name != "..", !name.isEmpty else {
            return .unknown("the devices below it cannot be told")
        }
        let block = "\(roots.sys)/class/block/\(name)"
        guard HostDirectory.exists(block) else { return .unknown("sysfs has no device \(name)") }
        if name.hasPrefix("zram") {
            let backing = HostDirectory.text(of: block + "/backing_dev").map { String($0.prefix { $0 != "\n" }) }
            guard let backing, backing != "none" else { return .memory }
            guard let last = backing.split(separator: "/").last else { return .unknown("zram writes back somewhere") }
            return store(ofDevice: String(last), roots, depth: depth + 1)
        }
        if HostDirectory.text(of: block + "/dm/uuid")?.hasPrefix("CRYPT-") == true { return .encrypted }
        let below = HostDirectory.names(in: block + "/slaves").sorted().prefix(64)
        for device in below {
            let store = store(ofDevice: device, roots, depth: depth + 1)
            if store != .encrypted { return store }
        }
        return below.isEmpty ? .plain : .encrypted
    }

    /// The device that the file system of a file lies on, by the mount table; `nil` where it is none that sysfs knows.
    private static func device(under path: String, _ roots: HostRoots) -> String? {
        guard let table = HostDirectory.text(of: roots.proc + "/self/mountinfo") else { return nil }
        var best: (length: Int, number: String)?
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 5 else { continue }
            let point = MountTable.unescaped(fields[4])
            guard path == point || path.hasPrefix(point == "/" ? "/" : point + "/") else { continue }
            // The later one of the same place lies on top.
            if point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(fields[2])) }
        }
        guard let number = best?.number, number.utf8.allSatisfy({ $0 == 0x3A || (0x30...0x39).contains($0) }) else {
            return nil
        }
        return PCIFunction.target(of: "\(roots.sys)/dev/block/\(number)").last
    }
}
