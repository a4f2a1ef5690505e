/// The lines of a v1 `blkio.throttle.*` file, one after the other (`admin-guide/cgroup-v1/blkio-controller`).
///
/// The file of a group that the kernel does not count for has no line but `Total 0`: no device, and not the same as 0.
public struct BlkIOLines: Sendable {
    /// One line: a device, what was done, and how much of it.
    public struct Entry: Equatable, Sendable {
        /// The device, major number in the upper half and minor number in the lower.
        public var device: UInt64
        /// Whether it counts writes; else reads.
        public var isWrite: Bool
        /// Bytes or requests.
        public var value: UInt64
    }

    private var index = 0
    /// The first line that made no sense, if any; reading went on after it.
    public private(set) var malformed: Malformed?

    /// Begins at the first line.
    public init() {}

    /// The next line of reads or writes, or `nil` at the end.
    ///
    /// - Parameter bytes: The whole file, the same at each call.
    /// - Returns: The line.
    public mutating func next(_ bytes: Span<UInt8>) -> Entry? {
        while index < bytes.count {
            let start = index
            if Scan.word("Total", Scan.space, bytes, &index) {
                Scan.skipLine(bytes, &index)
                continue
            }
            let entry = Self.line(bytes, &index)
            Scan.skipLine(bytes, &index)
            switch entry {
            case .counted(let entry): return entry
            case .other: continue
            case .malformed: if malformed == nil { malformed = Malformed(at: start) }
            }
        }
        return nil
    }

    private enum Line {
        case counted(Entry)
        case other
        case malformed
    }

    /// Reads `8:0 Read 4096`.
    private static func line(_ bytes: Span<UInt8>, _ index: inout Int) -> Line {
        guard let device = IODevice.number(bytes, &index) else { return .malformed }
        Scan.skipBlanks(bytes, &index)
        let isRead = Scan.word("Read", Scan.space, bytes, &index)
        let isWrite = !isRead && Scan.word("Write", Scan.space, bytes, &index)
        guard isRead || isWrite else { return .other }
        guard let value = Scan.field(bytes, &index) else { return .malformed }
        return .counted(Entry(device: device, isWrite: isWrite, value: value))
    }
}
