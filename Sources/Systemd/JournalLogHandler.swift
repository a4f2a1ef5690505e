public import Logging

/// Sends what is logged through swift-log to the journal, or, where there is none, to a line printer.
///
/// The level becomes the priority; label, source position and metadata become fields, and metadata also the tail of
/// the message, so that plain `journalctl` shows it.
public struct JournalLogHandler: LogHandler {
    /// The least urgent level that is logged.
    public var logLevel: Logger.Level = .info
    /// Metadata of every event.
    public var metadata: Logger.Metadata = [:]
    /// Gives metadata of the moment.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let send: @Sendable (JournalRecord) -> Void

    /// A handler.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - send: Where records go; the journal unless given. What the journal refuses is lost.
    public init(label: String, send: @escaping @Sendable (JournalRecord) -> Void = { try? Journal().send($0) }) {
        self.label = label
        self.send = send
    }

    /// The metadata of one key.
    ///
    /// - Parameter metadataKey: The key.
    public subscript(metadataKey metadataKey: String) -> Logger.Metadata.Value? {
        get { metadata[metadataKey] }
        set { metadata[metadataKey] = newValue }
    }

    /// Sends an event.
    ///
    /// - Parameter event: The event.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error { all["error"] = "\(error)" }
        send(Self.record(event, metadata: all, label: label))
    }

    /// The record of an event.
    static func record(_ event: LogEvent, metadata: Logger.Metadata, label: String) -> JournalRecord {
        var text = "\(event.message)"
        let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        for (key, value) in pairs { text += " \(key)=\(value)" }
        var record = JournalRecord(message: PlainText.line(text), priority: priority(event.level))
        record.append("QUELL_LOGGER", label)
        record.append("CODE_FILE", event.file)
        record.append("CODE_LINE", String(event.line))
        record.append("CODE_FUNC", event.function)
        for (key, value) in pairs { record.append("QUELL_LOG_" + fieldName(key), value) }
        return record
    }

    /// The journal priority (`syslog(3)`) of a level.
    static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// A metadata key as the end of a field name: upper case, all but letters and digits as `_`, cut to fit.
    private static func fieldName(_ key: String) -> String {
        let bytes = key.uppercased().utf8.prefix(JournalRecord.longestName - "QUELL_LOG_".utf8.count)
        return String(
            decoding: bytes.map { byte in
                let isKept =
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                return isKept ? byte : UInt8(ascii: "_")
            },
            as: UTF8.self
        )
    }
}
