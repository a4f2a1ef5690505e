/// CPUs as sysfs lists them, such as `0-3,8,10-11` in `/sys/devices/system/cpu/online`.
public struct CPUList: Equatable, Sendable {
    /// More CPUs than any host has; a list that names others is not believed.
    static let most: UInt64 = 8_192

    /// The CPUs in the order of the list.
    public var cpus: [Int32] = []

    /// Reads a list.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is no list.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        while !Scan.at(Scan.newline, bytes, index) {
            guard let first = Scan.number(bytes, &index) else { throw Malformed(at: index) }
            var last = first
            if Scan.at(UInt8(ascii: "-"), bytes, index) {
                index += 1
                guard let end = Scan.number(bytes, &index) else { throw Malformed(at: index) }
                last = end
            }
            guard first <= last, last < Self.most else { throw Malformed(at: index) }
            for cpu in first...last { cpus.append(Int32(cpu)) }
            guard cpus.count <= Self.most else { throw Malformed(at: index) }
            if Scan.at(UInt8(ascii: ","), bytes, index) {
                index += 1
            } else if !Scan.at(Scan.newline, bytes, index) {
                throw Malformed(at: index)
            }
        }
    }

    /// The CPUs that are online; empty where sysfs does not tell.
    ///
    /// - Parameter roots: Where sysfs is.
    /// - Returns: The CPUs.
    public static func online(_ roots: HostRoots) -> [Int32] {
        guard let bytes = HostDirectory.bytes(of: roots.sys + "/devices/system/cpu/online") else { return [] }
        return (try? CPUList(bytes.span))?.cpus ?? []
    }
}
