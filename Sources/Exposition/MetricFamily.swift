/// One metric with its name, what kind it is and what it means; its samples differ in their labels.
public struct MetricFamily: Hashable, Sendable {
    /// How its values behave.
    public enum Kind: String, Sendable, CaseIterable {
        /// Goes up, and starts at 0 with the daemon; its samples end in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Is always 1: its labels are what it tells; its samples end in `_info`.
        case info
        /// A count and a sum of what was observed.
        case summary
    }

    /// Its name, without `_total` and `_info`: letters, digits and underscores, the first no digit.
    public var name: String
    /// How its values behave.
    public var kind: Kind
    /// Its base unit, which its name ends in; `nil` for a plain count.
    public var unit: String?
    /// What it tells, in one line.
    public var help: String

    /// A metric.
    ///
    /// - Parameters:
    ///   - name: Its name, without `_total` and `_info`.
    ///   - kind: How its values behave.
    ///   - unit: Its base unit.
    ///   - help: What it tells.
    public init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }

    /// The name of its samples, as queries use it; a summary's has `_count` or `_sum` behind it.
    public var sampleName: String {
        switch kind {
        case .counter: name + "_total"
        case .info: name + "_info"
        case .gauge, .summary: name
        }
    }
}
