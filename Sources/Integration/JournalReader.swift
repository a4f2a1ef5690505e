import Foundation

/// The journal of the bed, read through `journalctl`.
struct JournalReader {
    /// A record of the journal.
    struct Record {
        /// When journald received it, in seconds since 1970.
        var time: Double
        /// Its fields that are text.
        var fields: [String: String]

        /// The record as a line for people.
        var text: String { fields["MESSAGE"] ?? "" }

        /// A field, empty where the record has none of that name.
        subscript(name: String) -> String { fields[name] ?? "" }
    }

    /// Where journald writes it.
    let directory: String

    /// The text of all records, of whomever, oldest first.
    ///
    /// - Returns: The lines.
    /// - Throws: ``BedError`` if journalctl fails.
    func lines() throws(BedError) -> [String] {
        try Shell.run(["journalctl", "-q", "-D", directory, "-o", "cat", "--no-pager"])
            .split(whereSeparator: \.isNewline).map(String.init)
    }

    /// The texts of a program's records of priority `err` and worse since an instant, oldest first.
    ///
    /// - Parameters:
    ///   - program: How it calls itself in the journal.
    ///   - start: The instant.
    /// - Returns: The texts.
    /// - Throws: ``BedError`` if journalctl fails.
    func errors(of program: String, since start: Moment) throws(BedError) -> [String] {
        try read("cat", since: start, ["-p", "0..3", "-t", program]).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// The records of Quell since an instant, oldest first.
    ///
    /// A record is Quell's where any of its fields is named `QUELL_…`.
    ///
    /// - Parameter start: The instant.
    /// - Returns: The records.
    /// - Throws: ``BedError`` if journalctl fails.
    func records(since start: Moment) throws(BedError) -> [Record] {
        let text = try read("json", since: start)
        var records: [Record] = []
        for line in text.split(separator: "\n") {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                continue
            }
            let fields = object.compactMapValues { $0 as? String }
            guard let stamp = fields["__REALTIME_TIMESTAMP"].flatMap(Double.init),
                fields.keys.contains(where: { $0.hasPrefix("QUELL_") })
            else { continue }
            let record = Record(time: stamp / 1e6, fields: fields)
            if record.time >= start.wall { records.append(record) }
        }
        return records
    }

    /// What journalctl prints of what came since the second in which an instant lies.
    private func read(_ form: String, since start: Moment, _ more: [String] = []) throws(BedError) -> String {
        let since = ["--since", "@\(Int(start.wall))"]
        return try Shell.run(["journalctl", "-q", "-D", directory, "-o", form, "--no-pager"] + since + more)
    }
}
