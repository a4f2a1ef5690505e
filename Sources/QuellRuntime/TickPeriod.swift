/// The time between ticks as an operator writes it: `250ms`, `1s` or `1 s`, from 100 ms to 60 s.
public struct TickPeriod: Sendable, Equatable {
    /// The time.
    public let duration: Duration

    /// A period.
    ///
    /// - Parameter duration: The time.
    public init(_ duration: Duration) {
        self.duration = duration
    }

    /// Parses a period; `nil` where it is not written so or outside ``DaemonConfiguration/tickRange``.
    ///
    /// - Parameter text: The text to parse.
    public init?(_ text: String) {
        let duration: Duration
        if let number = Self.number(text, before: "ms") {
            duration = .milliseconds(number)
        } else if let number = Self.number(text, before: "s") {
            duration = .seconds(number)
        } else {
            return nil
        }
        guard DaemonConfiguration.tickRange.contains(duration) else { return nil }
        self.duration = duration
    }

    /// The period as it may be written again.
    public var text: String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)ms"
    }

    private static func number(_ text: String, before unit: String) -> Int? {
        guard text.hasSuffix(unit) else { return nil }
        var digits = text.dropLast(unit.count)
        if digits.hasSuffix(" ") { digits = digits.dropLast() }
        guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(digits)
    }
}
