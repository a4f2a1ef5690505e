/// Writes metrics in one of the two text formats, family by family.
///
/// Values that are no numbers are left out, and so is a family without samples.
public struct ExpositionWriter: Sendable {
    /// How it writes.
    public let format: ExpositionFormat
    /// Samples written.
    public private(set) var samples = 0

    private var bytes: [UInt8] = []
    private var head: [UInt8] = []
    private var name: [UInt8] = []

    /// A writer.
    ///
    /// - Parameters:
    ///   - format: How it writes.
    ///   - capacity: Bytes to set room aside for.
    public init(_ format: ExpositionFormat, capacity: Int = 1 << 16) {
        self.format = format
        bytes.reserveCapacity(capacity)
    }

    /// Begins a family; its samples follow.
    ///
    /// - Parameter family: The family, which comes once only.
    public mutating func begin(_ family: MetricFamily) {
        name = Array(family.sampleName.utf8)
        let named = format == .openMetrics ? family.name : family.sampleName
        var lines = "# HELP \(named) \(escaped(family.help))\n# TYPE \(named) \(kind(of: family))\n"
        if format == .openMetrics, let unit = family.unit, family.kind != .info { lines += "# UNIT \(named) \(unit)\n" }
        head = Array(lines.utf8)
    }

    /// Writes a sample of the family begun last.
    ///
    /// - Parameters:
    ///   - labels: Its labels, other than those of every other sample of the family.
    ///   - value: Its value in the family's base unit.
    ///   - suffix: What its name has behind the family's.
    public mutating func sample(_ labels: MetricLabels, _ value: Double, suffix: String = "") {
        guard value.isFinite else { return }
        if !head.isEmpty {
            bytes.append(contentsOf: head)
            head = []
        }
        bytes.append(contentsOf: name)
        if !suffix.isEmpty { bytes.append(contentsOf: suffix.utf8) }
        if !labels.bytes.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels.bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        if let whole = Int32(exactly: value) {
            bytes.append(contentsOf: String(whole).utf8)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
        bytes.append(UInt8(ascii: "\n"))
        samples += 1
    }

    /// Writes the only sample of the family begun last.
    ///
    /// - Parameter value: Its value in the family's base unit.
    public mutating func sample(_ value: Double) { sample(.none, value) }

    /// Ends the text.
    ///
    /// - Returns: All of it.
    public consuming func finish() -> [UInt8] {
        if format == .openMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
        return bytes
    }

    private func kind(of family: MetricFamily) -> String {
        // Plain text has no kind for what is always 1.
        family.kind == .info && format == .plainText ? "gauge" : family.kind.rawValue
    }

    private func escaped(_ help: String) -> String {
        var text = ""
        for character in help {
            switch character {
            case "\\": text += #"\\"#
            case "\n": text += #"\n"#
            case "\"" where format == .openMetrics: text += #"\""#
            default: text.append(character)
            }
        }
        return text
    }
}
