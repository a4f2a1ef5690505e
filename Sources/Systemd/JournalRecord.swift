/// One record of the journal: fields in order, each a name and a value of any bytes.
public struct JournalRecord: Sendable, Equatable {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: [UInt8]
    }

    /// The longest name that the journal takes, in bytes.
    public static let longestName = 64

    /// The fields.
    public private(set) var fields: [Field] = []
    /// Fields that were left out because the journal would refuse their names.
    public private(set) var refused: [String] = []

    /// A record.
    ///
    /// - Parameters:
    ///   - message: The text that people read.
    ///   - priority: `syslog(3)` priority, 0 to 7; held to that range.
    public init(message: String, priority: Int) {
        append("MESSAGE", message)
        append("PRIORITY", String(min(7, max(0, priority))))
    }

    /// Adds a field.
    ///
    /// - Parameters:
    ///   - name: Upper-case letters, digits and `_`, beginning with a letter, at most 64 bytes; any other name is left
    ///     out and kept in ``refused``.
    ///   - value: The value; line breaks and NUL are kept.
    public mutating func append(_ name: String, _ value: String) {
        append(name, bytes: Array(value.utf8))
    }

    /// Adds a field of any bytes.
    ///
    /// - Parameters:
    ///   - name: As for the other form.
    ///   - bytes: The value.
    public mutating func append(_ name: String, bytes: [UInt8]) {
        if Self.isName(name) {
            fields.append(Field(name: name, value: bytes))
        } else {
            refused.append(name)
        }
    }

    /// The fields as `sd_journal_sendv(3)` takes them: `NAME=value` each, lengths counted, nothing escaped.
    public var encoded: [[UInt8]] {
        fields.map { Array($0.name.utf8) + [UInt8(ascii: "=")] + $0.value }
    }

    /// Whether the journal takes a field of this name from a client (`systemd.journal-fields(7)`).
    ///
    /// - Parameter name: A name.
    /// - Returns: Whether it is taken.
    public static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= longestName else { return false }
        guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
