/// The place of a PCI function: segment, bus, device and function.
public struct PCIAddress: Hashable, Sendable {
    /// The segment, which sysfs calls the domain.
    public var segment: UInt32
    /// The bus.
    public var bus: UInt8
    /// The device on the bus, 0 to 31.
    public var device: UInt8
    /// The function of the device, 0 to 7.
    public var function: UInt8

    /// Names a function.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - bus: The bus.
    ///   - device: The device on the bus.
    ///   - function: The function of the device.
    public init(segment: UInt32 = 0, bus: UInt8, device: UInt8, function: UInt8) {
        self.segment = segment
        self.bus = bus
        self.device = device
        self.function = function
    }

    /// Parses what sysfs writes, such as `0000:3b:00.0`; `nil` where it is anything else.
    ///
    /// - Parameter text: The text to parse.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)
        // Digits at the very end of a file may have been cut; those of a name have not.
        bytes.append(Scan.newline)
        var index = 0
        guard let address = PCIAddress(bytes.span, &index), index == bytes.count - 1 else { return nil }
        self = address
    }

    /// Reads `0000:3b:00.0` at `index`; leaves `index` anywhere where there is none.
    init?(_ bytes: Span<UInt8>, _ index: inout Int) {
        guard let segment = Self.hex(bytes, &index, upTo: 8), Scan.at(Scan.colon, bytes, index) else { return nil }
        index += 1
        self.init(local: bytes, &index)
        self.segment = segment
    }

    /// Reads `3b:00.0` or `0x3b:0x00.0` at `index`, of segment 0; leaves `index` anywhere where there is none.
    init?(local bytes: Span<UInt8>, _ index: inout Int) {
        Self.skipPrefix(bytes, &index)
        guard let bus = Self.hex(bytes, &index, upTo: 2), Scan.at(Scan.colon, bytes, index) else { return nil }
        index += 1
        Self.skipPrefix(bytes, &index)
        guard let device = Self.hex(bytes, &index, upTo: 2), device < 32, Scan.at(UInt8(ascii: "."), bytes, index)
        else {
            return nil
        }
        index += 1
        guard let function = Self.hex(bytes, &index, upTo: 1), function < 8 else { return nil }
        self.init(bus: UInt8(bus), device: UInt8(device), function: UInt8(function))
    }

    /// The same device by its first function, which stands for the whole.
    public var firstFunction: PCIAddress {
        PCIAddress(segment: segment, bus: bus, device: device, function: 0)
    }

    /// Passes `0x`.
    private static func skipPrefix(_ bytes: Span<UInt8>, _ index: inout Int) {
        if Scan.at(UInt8(ascii: "0"), bytes, index), Scan.at(UInt8(ascii: "x"), bytes, index + 1) { index += 2 }
    }

    /// Reads one to `most` hexadecimal digits, `most` being at most 8; `nil` where there are none, or more.
    static func hex(_ bytes: Span<UInt8>, _ index: inout Int, upTo most: Int) -> UInt32? {
        var value: UInt32 = 0
        let start = index
        while index < bytes.count {
            let digit: UInt8
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[index] - UInt8(ascii: "A") + 10
            default: return index > start ? value : nil
            }
            guard index - start < most else { return nil }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return index > start ? value : nil
    }
}
