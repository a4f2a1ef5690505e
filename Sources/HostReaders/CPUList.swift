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
        cpus = try Self.read(bytes, &index)
    }

    /// Reads the list that a line holds from `index` on, up to its newline.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - index: The beginning of the list; its newline afterwards.
    /// - Returns: The numbers, from 0, in the order of the list.
    /// - Throws: Where it is no list.
    static func read(_ bytes: Span<UInt8>, _ index: inout Int) throws(Malformed) -> [Int32] {
        var numbers: [Int32] = []
        while !Scan.at(Scan.newline, bytes, index) {
            guard let first = Scan.number(bytes, &index) else { throw Malformed(at: index) }
            var last = first
            if Scan.at(UInt8(ascii: "-"), bytes, index) {
                index += 1
                guard let end = Scan.number(bytes, &index) else { throw Malformed(at: index) }
                last = end
            }
            guard first <= last, last < Self.most else { throw Malformed(at: index) }
            for number in first...last { numbers.append(Int32(number)) }
            guard numbers.count <= Self.most else { throw Malformed(at: index) }
            if Scan.at(UInt8(ascii: ","), bytes, index) {
                index += 1
            } else if !Scan.at(Scan.newline, bytes, index) {
                throw Malformed(at: index)
            }
        }
        return numbers
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
