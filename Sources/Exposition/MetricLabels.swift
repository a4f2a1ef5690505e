/// The labels of a sample, written out: made once for all samples of a VM.
public struct MetricLabels: Hashable, Comparable, Sendable {
    /// `name="value"` pairs between commas, without braces.
    let bytes: [UInt8]

    /// No labels.
    public static let none = MetricLabels([])

    /// Labels.
    ///
    /// - Parameter pairs: Names, of letters, digits and underscores, each with its value, which may be any text.
    public init(_ pairs: [(String, String)]) {
        bytes = Self.written(pairs)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// These labels and more.
    ///
    /// - Parameter pairs: Names that are not there yet, each with its value.
    /// - Returns: All of them.
    public func adding(_ pairs: (String, String)...) -> MetricLabels {
        if bytes.isEmpty { return MetricLabels(pairs) }
        return MetricLabels(bytes: bytes + [UInt8(ascii: ",")] + Self.written(pairs))
    }

    /// Whether labels come before others, as they are written.
    public static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    private static func written(_ pairs: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
                case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
                case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\""))
        }
        return bytes
    }
}
