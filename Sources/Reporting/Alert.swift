public import Signals
public import Systemd

/// One thing worth telling: a line for people, and the same as fields for machines.
///
/// The text holds nothing that could forge a line or drive a terminal (``PlainText``); the fields hold names as they
/// are, since the journal keeps them apart by length.
public struct Alert: Sendable, Equatable {
    /// A field and its value.
    public struct Entry: Sendable, Equatable {
        /// The field.
        public let field: AlertField
        /// Its value.
        public let value: String
    }

    /// What kind of record it is.
    public let id: MessageID
    /// How urgent it is.
    public let severity: Severity
    /// The line for people.
    public let text: String
    /// The fields, in the order of ``AlertField``.
    public private(set) var entries: [Entry] = []

    /// An alert.
    ///
    /// - Parameters:
    ///   - id: What kind of record it is.
    ///   - severity: How urgent it is.
    ///   - text: The line for people; characters that are not plain are written out.
    ///   - fields: The fields; those without a value are left out.
    public init(_ id: MessageID, _ severity: Severity, _ text: String, _ fields: [AlertField: String?] = [:]) {
        self.id = id
        self.severity = severity
        self.text = PlainText.line(text)
        for field in AlertField.allCases {
            if let value = fields[field] ?? nil { entries.append(Entry(field: field, value: value)) }
        }
    }

    /// The value of a field, or `nil` where the alert has none.
    ///
    /// - Parameter field: The field.
    public subscript(field: AlertField) -> String? {
        entries.first { $0.field == field }?.value
    }

    /// The fields by name, in order.
    public var fields: [(String, String)] { entries.map { ($0.field.rawValue, $0.value) } }

    /// The alert as the journal takes it.
    public var record: JournalRecord {
        var record = JournalRecord(message: text, priority: severity.journalPriority)
        record.append("MESSAGE_ID", id.rawValue)
        record.append("SYSLOG_IDENTIFIER", "quelld")
        for entry in entries { record.append(entry.field.rawValue, entry.value) }
        return record
    }
}
