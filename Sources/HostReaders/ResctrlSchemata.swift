/// What a control group may use of each resource, as its file `schemata` says (`filesystems/resctrl`).
///
/// A line is of one resource and has a value for each of its domains: a mask of cache ways, in hexadecimal, or a
/// bandwidth, in decimal.
public struct ResctrlSchemata: Equatable, Sendable {
    /// The share of one resource.
    public struct Line: Equatable, Sendable {
        /// The resource, such as `L3`, `L3CODE` or `MB`.
        public var resource: String
        /// The value of each domain, in the order of the file.
        public var values: [Value]

        /// The share of a resource.
        ///
        /// - Parameters:
        ///   - resource: The resource.
        ///   - values: The value of each domain.
        public init(resource: String, values: [Value]) {
            self.resource = resource
            self.values = values
        }
    }

    /// The share of one domain.
    public struct Value: Equatable, Sendable {
        /// The domain: the number of a cache.
        public var domain: Int
        /// The mask of ways, or the bandwidth in the resource's own unit.
        public var value: UInt32

        /// The share of a domain.
        ///
        /// - Parameters:
        ///   - domain: The domain.
        ///   - value: The mask of ways, or the bandwidth.
        public init(domain: Int, value: UInt32) {
            self.domain = domain
            self.value = value
        }
    }

    /// The most lines that are read; no kernel knows a tenth of that many resources.
    private static let mostLines = 64

    /// The resources, in the order of the file.
    public var lines: [Line]

    /// The shares of resources.
    ///
    /// - Parameter lines: The resources.
    public init(_ lines: [Line] = []) {
        self.lines = lines
    }

    /// Reads the file; `nil` where it is of another form, as that of a pseudo-locked group is.
    ///
    /// - Parameter text: The text of the file.
    public init?(_ text: String) {
        lines = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            let name = parts[0].drop { $0 == " " }
            guard parts.count == 2, !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
                lines.count < Self.mostLines, self[String(name)] == nil
            else { return nil }
            var values: [Value] = []
            for part in parts[1].split(separator: ";", omittingEmptySubsequences: false) {
                guard let value = Self.value(part, radix: Self.isCache(name) ? 16 : 10),
                    values.last.map({ $0.domain < value.domain }) ?? true
                else { return nil }
                values.append(value)
            }
            lines.append(Line(resource: String(name), values: values))
        }
        guard !lines.isEmpty else { return nil }
    }

    /// The share of a resource; `nil` where the group has none of it.
    ///
    /// - Parameter resource: The resource.
    public subscript(resource: String) -> Line? { lines.first { $0.resource == resource } }

    /// The shares as they are written to the file: whole lines.
    public var text: String {
        lines.map { line in
            let radix = Self.isCache(line.resource[...]) ? 16 : 10
            let values = line.values.map { "\($0.domain)=\(String($0.value, radix: radix))" }
            return "\(line.resource):\(values.joined(separator: ";"))\n"
        }.joined()
    }

    /// Whether a resource is a cache, whose values are masks.
    static func isCache(_ resource: Substring) -> Bool { resource.hasPrefix("L2") || resource.hasPrefix("L3") }

    /// One domain and its value, which the kernel pads with blanks; numbers of domains go up to 2³¹ − 1.
    private static func value(_ text: Substring, radix: Int) -> Value? {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let digits = parts[1].drop { $0 == " " }
        guard [parts[0], digits].allSatisfy({ $0.first?.isHexDigit == true }),
            let domain = Int32(parts[0]), domain >= 0, let value = UInt32(digits, radix: radix)
        else { return nil }
        return Value(domain: Int(domain), value: value)
    }
}
