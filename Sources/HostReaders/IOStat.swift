/// What a cgroup or a process moved to and from one block device.
public struct IODevice: Equatable, Sendable {
    /// The device, major number in the upper half and minor number in the lower.
    public var device: UInt64
    /// Bytes read.
    public var readBytes: UInt64 = 0
    /// Bytes written.
    public var writeBytes: UInt64 = 0
    /// Read requests.
    public var readOps: UInt64 = 0
    /// Write requests.
    public var writeOps: UInt64 = 0

    /// A device with nothing moved.
    ///
    /// - Parameter device: The device.
    public init(device: UInt64) {
        self.device = device
    }

    /// Reads `major:minor` and the blank behind it.
    static func number(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt64? {
        guard let major = Scan.number(bytes, &index), Scan.at(Scan.colon, bytes, index) else { return nil }
        index += 1
        guard let minor = Scan.field(bytes, &index), major <= UInt32.max, minor <= UInt32.max else { return nil }
        return major << 32 | minor
    }
}

/// The lines of v2 `io.stat`, one after the other (`admin-guide/cgroup-v2`).
public struct IOStatLines: Sendable {
    private var index = 0
    /// The first line that made no sense, if any; reading went on after it.
    public private(set) var malformed: Malformed?

    /// Begins at the first line.
    public init() {}

    /// The next device, or `nil` at the end.
    ///
    /// - Parameter bytes: The whole file, the same at each call.
    /// - Returns: The device.
    public mutating func next(_ bytes: Span<UInt8>) -> IODevice? {
        while index < bytes.count {
            let start = index
            let device = Self.line(bytes, &index)
            Scan.skipLine(bytes, &index)
            if let device { return device }
            if malformed == nil { malformed = Malformed(at: start) }
        }
        return nil
    }

    /// Reads `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`; a device with no counters at all has a bare line.
    private static func line(_ bytes: Span<UInt8>, _ index: inout Int) -> IODevice? {
        guard let number = IODevice.number(bytes, &index) else { return nil }
        var device = IODevice(device: number)
        while true {
            Scan.skipBlanks(bytes, &index)
            if Scan.word("rbytes", Scan.equals, bytes, &index) {
                guard let value = Scan.field(bytes, &index) else { return nil }
                device.readBytes = value
            } else if Scan.word("wbytes", Scan.equals, bytes, &index) {
                guard let value = Scan.field(bytes, &index) else { return nil }
                device.writeBytes = value
            } else if Scan.word("rios", Scan.equals, bytes, &index) {
                guard let value = Scan.field(bytes, &index) else { return nil }
                device.readOps = value
            } else if Scan.word("wios", Scan.equals, bytes, &index) {
                guard let value = Scan.field(bytes, &index) else { return nil }
                device.writeOps = value
            } else if !Scan.skipField(bytes, &index) {
                return Scan.at(Scan.newline, bytes, index) ? device : nil
            }
        }
    }
}

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
