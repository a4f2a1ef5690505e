/// One interface of `/proc/net/dev`.
public struct NetworkDevice: Equatable, Sendable {
    /// Its name.
    public var name: InterfaceName
    /// Its counters.
    public var counters: LinkCounters
}

/// The lines of `/proc/net/dev`, one after the other: every interface of the host in one read.
public struct NetworkDeviceLines: Sendable {
    private var index = 0
    private var header = 2
    /// The first line that made no sense, if any; reading went on after it.
    public private(set) var malformed: Malformed?

    /// Begins before the two lines of headings.
    public init() {}

    /// The next interface, or `nil` at the end.
    ///
    /// - Parameter bytes: The whole file, the same at each call.
    /// - Returns: The interface.
    public mutating func next(_ bytes: Span<UInt8>) -> NetworkDevice? {
        while header > 0, index < bytes.count {
            Scan.skipLine(bytes, &index)
            header -= 1
        }
        while index < bytes.count {
            let start = index
            let device = Self.line(bytes, &index)
            Scan.skipLine(bytes, &index)
            if let device { return device }
            if malformed == nil { malformed = Malformed(at: start) }
        }
        return nil
    }

    /// Reads ` vnet0: ` and its sixteen numbers.
    private static func line(_ bytes: Span<UInt8>, _ index: inout Int) -> NetworkDevice? {
        Scan.skipBlanks(bytes, &index)
        var name = InterfaceName()
        var length = 0
        while index < bytes.count, bytes[index] != Scan.colon, bytes[index] != Scan.newline {
            guard length < 15 else { return nil }
            name.append(bytes[index])
            length += 1
            index += 1
        }
        guard length > 0, Scan.at(Scan.colon, bytes, index) else { return nil }
        index += 1
        var numbers = InlineArray<16, UInt64>(repeating: 0)
        for column in 0..<16 {
            guard let value = Scan.field(bytes, &index) else { return nil }
            numbers[column] = value
        }
        let counters = LinkCounters(
            rxBytes: numbers[0],
            rxPackets: numbers[1],
            rxErrors: numbers[2],
            rxDrops: numbers[3],
            multicast: numbers[7],
            txBytes: numbers[8],
            txPackets: numbers[9],
            txErrors: numbers[10],
            txDrops: numbers[11]
        )
        return NetworkDevice(name: name, counters: counters)
    }
}
