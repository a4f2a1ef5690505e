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
