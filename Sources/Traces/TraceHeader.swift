public import Signals

/// What a trace says of itself at the start of each file.
public struct TraceHeader: Equatable, Sendable {
    /// One thing that is known of the host or of the recording.
    public struct Fact: Equatable, Sendable {
        /// What it is, such as `host` or `agent`.
        public var name: String
        /// Its value.
        public var value: String

        /// A fact.
        ///
        /// - Parameters:
        ///   - name: What it is.
        ///   - value: Its value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The version of the format.
    public var version: UInt64
    /// What is known of the host and of the recording.
    public var facts: [Fact]
    /// The names of the signals, in the order of their columns.
    public var signals: [String]

    /// The header of a trace that has every signal of this Quell.
    ///
    /// - Parameter facts: What is known of the host and of the recording.
    public init(facts: [Fact] = []) {
        self.version = TraceFormat.version
        self.facts = facts
        self.signals = Self.names
    }

    /// The value of a fact, or `nil`.
    ///
    /// - Parameter name: What it is.
    public subscript(name: String) -> String? { facts.first { $0.name == name }?.value }

    /// The signals by name: a trace may be read often, and a search for each name is long.
    static let known = Dictionary(uniqueKeysWithValues: Signal.allCases.map { ($0.name, $0) })
    /// Every signal's name, in order.
    private static let names = Signal.allCases.map(\.name)

    /// Names of the trace that this Quell does not know: their readings are skipped.
    public var unknown: [String] { signals.filter { Self.known[$0] == nil } }

    /// Signals that the trace lacks: their readings are ``Quality/notObservable``.
    public var lacking: [Signal] {
        if signals == Self.names { return [] }
        let named = Set(signals)
        return Signal.allCases.filter { !named.contains($0.name) }
    }

    /// Appends the header as a record, behind the magic.
    func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: TraceFormat.magic)
        let start = TraceFormat.open(.header, in: &bytes)
        bytes.appendNumber(version)
        bytes.appendNumber(UInt64(facts.count))
        for fact in facts {
            bytes.appendText(fact.name)
            bytes.appendText(fact.value)
        }
        bytes.appendNumber(UInt64(signals.count))
        for name in signals { bytes.appendText(name) }
        TraceFormat.close(start, in: &bytes)
    }

    /// Reads the payload of a header record.
    init(_ cursor: inout TraceCursor) throws(TraceProblem) {
        version = try cursor.number()
        guard version == TraceFormat.version else {
            throw cursor.problem("version \(version) of the format; \(TraceFormat.version) is accepted")
        }
        facts = []
        for _ in 0..<(try cursor.count("the number of facts")) {
            facts.append(Fact(try cursor.text(), try cursor.text()))
        }
        signals = []
        for _ in 0..<(try cursor.number(upTo: TraceFormat.mostSignals, "the number of signals")) {
            signals.append(try cursor.text())
        }
        guard Set(signals).count == signals.count else { throw cursor.problem("a signal is named twice") }
    }
}
