/// The base unit in which a signal is kept, and how it is written for people.
public enum Unit: Sendable, CaseIterable {
    /// CPU cores in use: CPU seconds a second.
    case cores
    /// Seconds of suffering a second, 0 and up; written `ms/s`.
    case secondsPerSecond
    /// A share of a whole, 0 to 1; written in per cent.
    case ratio
    /// Bytes.
    case bytes
    /// Bytes a second.
    case bytesPerSecond
    /// Occurrences a second.
    case perSecond
    /// Seconds.
    case seconds
    /// A plain count.
    case count
    /// Cycles per instruction.
    case cyclesPerInstruction
    /// Watts.
    case watts
    /// Hertz.
    case hertz

    /// A value in this unit as an operator reads and writes it, with three significant digits: `62 ms/s`, `1.5 GiB`.
    ///
    /// - Parameter value: The value in the base unit.
    /// - Returns: The text, accepted again by a policy file.
    public func text(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        switch self {
        case .cores: return Self.digits(value) + " cores"
        case .secondsPerSecond: return Self.digits(value * 1_000) + " ms/s"
        case .ratio: return Self.digits(value * 100) + "%"
        case .bytes: return Self.binary(value, "B")
        case .bytesPerSecond: return Self.binary(value, "B/s")
        case .perSecond: return Self.digits(value) + " /s"
        case .seconds: return abs(value) < 1 ? Self.digits(value * 1_000) + " ms" : Self.digits(value) + " s"
        case .count: return Self.digits(value)
        case .cyclesPerInstruction: return Self.digits(value) + " CPI"
        case .watts: return Self.digits(value) + " W"
        case .hertz: return Self.digits(value) + " Hz"
        }
    }

    /// A number with three significant digits and no exponent up to 10^15.
    ///
    /// - Parameter value: A finite number.
    /// - Returns: The text.
    public static func digits(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e15 || value != value { return "\(value)" }
        let places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((size * scale).rounded())
        let whole = scaled / Int64(scale)
        var fraction = String(scaled % Int64(scale))
        fraction = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let sign = value < 0 && scaled != 0 ? "-" : ""
        return places == 0 || fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    }

    private static func binary(_ value: Double, _ suffix: String) -> String {
        var scaled = value
        var prefix = ""
        for next in ["Ki", "Mi", "Gi", "Ti"] where abs(scaled) >= 1_024 {
            scaled /= 1_024
            prefix = next
        }
        return digits(scaled) + " " + prefix + suffix
    }
}
