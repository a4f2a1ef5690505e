internal import Glibc
internal import Signals
public import Systemd

/// Where alerts go.
public protocol AlertSink: Sendable {
    /// Hands an alert over.
    ///
    /// - Parameter alert: The alert.
    /// - Throws: `SystemdError` where it could not be.
    func send(_ alert: Alert) throws(SystemdError)
}

/// Sends alerts to the journal, with all fields.
public struct JournalSink: AlertSink {
    private let journal = Journal()

    /// A sink.
    public init() {}

    /// Sends the alert as one record.
    ///
    /// - Parameter alert: The alert.
    /// - Throws: `SystemdError` where the journal refused it.
    public func send(_ alert: Alert) throws(SystemdError) {
        try journal.send(alert.record)
    }
}

/// Writes one plain line for each alert: time, severity, text.
public struct LineSink: AlertSink {
    private let descriptor: Int32
    private let seconds: @Sendable () -> Int64

    /// A sink.
    ///
    /// - Parameters:
    ///   - descriptor: Where lines go; standard output unless given.
    ///   - seconds: The time in seconds since 1970, UTC; the host's clock unless given.
    public init(descriptor: Int32 = 1, seconds: @escaping @Sendable () -> Int64 = Self.clock) {
        self.descriptor = descriptor
        self.seconds = seconds
    }

    /// Writes the alert as one line, in one call so that lines do not mix.
    ///
    /// - Parameter alert: The alert.
    /// - Throws: `SystemdError` where it could not be written.
    public func send(_ alert: Alert) throws(SystemdError) {
        var bytes = Array(Self.line(alert, at: seconds()).utf8) + [UInt8(ascii: "\n")]
        while !bytes.isEmpty {
            // SAFETY: write reads at most the count that it is given.
            let count = unsafe write(descriptor, bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemdError(call: "write", number: errno) }
            bytes.removeFirst(min(count, bytes.count))
        }
    }

    /// The line of an alert.
    static func line(_ alert: Alert, at seconds: Int64) -> String {
        UTCTime(seconds: seconds).description + " " + alert.severity.rawValue + " " + alert.text
    }

    /// The host's clock, in seconds since 1970, UTC.
    ///
    /// - Returns: The seconds.
    @Sendable public static func clock() -> Int64 {
        Int64(time(nil))
    }
}

/// A second of the calendar, written as ISO 8601 in UTC.
struct UTCTime: CustomStringConvertible {
    /// Seconds since 1970.
    let seconds: Int64

    /// The time as `2026-02-28T23:59:59Z`.
    var description: String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - day * 86_400
        // Years are counted from March, so that the leap day comes last; 719,468 days lie between 0000-03-01 and 1970.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(dayOfYear - (153 * march + 2) / 5 + 1))T"
            + "\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
