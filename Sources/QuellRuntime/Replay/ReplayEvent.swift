import Reporting
import Signals

/// One thing that the policy would have had told, at its moment in the trace.
public struct ReplayEvent: Codable, Equatable, Sendable, CustomStringConvertible {
    /// Seconds since the first frame of the trace.
    public var second: Double
    /// The tick.
    public var tick: UInt64
    /// Its kind, such as `victim-onset` or `would-throttle`.
    public var kind: String
    /// How urgent it is.
    public var severity: String
    /// The line for people.
    public var text: String
    /// The fields for machines.
    public var fields: [String: String]

    /// An alert at its moment.
    ///
    /// - Parameters:
    ///   - alert: The alert.
    ///   - second: Seconds since the first frame of the trace.
    ///   - tick: The tick.
    init(_ alert: Alert, second: Double, tick: UInt64) {
        self.second = second
        self.tick = tick
        self.kind = alert.id.name
        self.severity = alert.severity.rawValue
        self.text = alert.text
        self.fields = Dictionary(alert.fields, uniquingKeysWith: { $1 })
    }

    /// The moment as hours, minutes and seconds, and the line.
    public var description: String { "\(Self.clock(second))  \(text)" }

    /// A number of seconds as `1:02:03.5`.
    static func clock(_ second: Double) -> String {
        let tenths = Int((max(0, second) * 10).rounded())
        let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        return "\(tenths / 36_000):\(two(tenths / 600 % 60)):\(two(tenths / 10 % 60)).\(tenths % 10)"
    }
}
