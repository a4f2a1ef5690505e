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
