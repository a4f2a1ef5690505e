/// The frequencies in `/proc/cpuinfo` of x86: lines such as `cpu MHz		: 2095.078`.
public struct CPUInfoFrequency: Equatable, Sendable {
    /// Their mean in hertz; `nil` where no line tells one.
    public var hertz: Double?

    /// Reads the file; lines that make no sense are passed over.
    ///
    /// - Parameter bytes: The whole file.
    public init(_ bytes: Span<UInt8>) {
        var index = 0
        var sum = 0.0
        var count = 0.0
        while index < bytes.count {
            if Scan.word("cpu", Scan.space, bytes, &index), Scan.word("MHz", Scan.tab, bytes, &index) {
                Scan.skipBlanks(bytes, &index)
                if Scan.at(Scan.colon, bytes, index) {
                    index += 1
                    Scan.skipBlanks(bytes, &index)
                    if let megahertz = Self.decimal(bytes, &index), megahertz > 0 {
                        sum += megahertz * 1e6
                        count += 1
                    }
                }
            }
            Scan.skipLine(bytes, &index)
        }
        if count > 0 { hertz = sum / count }
    }

    /// Reads `2095.078`; digits beyond the ninth of the fraction are passed over.
    private static func decimal(_ bytes: Span<UInt8>, _ index: inout Int) -> Double? {
        guard let whole = Scan.number(bytes, &index) else { return nil }
        guard Scan.at(UInt8(ascii: "."), bytes, index) else { return Double(whole) }
        index += 1
        var fraction = 0.0
        var scale = 0.1
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 {
            if scale > 1e-10 { fraction += Double(bytes[index] - UInt8(ascii: "0")) * scale }
            scale /= 10
            index += 1
        }
        return index < bytes.count ? Double(whole) + fraction : nil
    }
}
