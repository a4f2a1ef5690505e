/// Reads a series from comma-separated values: `timestamp,value` lines under an optional header.
///
/// The timestamp is `YYYY-mm-dd HH:MM:SS[.ffffff]` (a `T` between date and time and a `Z` at the end are taken too) or
/// a number of seconds. An empty value or `nan` is a missing reading. Empty lines are passed over. A line is split at
/// its commas; a field may stand in double quotes, without a comma in it.
public struct SeriesParser: Sendable {
    /// Bytes of a field that an error shows.
    private static let shownBytes = 40
    /// Digits of a number that are read; a longer one is no number.
    private static let longestNumber = 400

    private let column: String?
    private var timeIndex = 0
    private var valueIndex = 1
    private var line = 0
    private var isBegun = false

    /// A parser.
    ///
    /// - Parameter column: The column of the values; nil for `value`, or the second one of a file without a header.
    private init(column: String?) { self.column = column }

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - column: The column of the values; nil for `value`, or the second one of a file without a header.
    /// - Returns: Its rows, in order.
    /// - Throws: ``SeriesError`` at the first line that makes no sense.
    public static func rows(_ bytes: [UInt8], column: String? = nil) throws(SeriesError) -> [SeriesRow] {
        var parser = SeriesParser(column: column)
        var rows: [SeriesRow] = []
        // A byte order mark is no part of the header.
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            parser.line += 1
            if let row = try parser.row(bytes[start..<end]) { rows.append(row) }
            start = end + 1
        }
        if let column, !parser.isBegun {
            throw SeriesError(line: 1, problem: "the file is empty, so there is no column '\(column)'")
        }
        return rows
    }

    /// Reads a line.
    private mutating func row(_ line: ArraySlice<UInt8>) throws(SeriesError) -> SeriesRow? {
        let content = Self.trimmed(line)
        guard !content.isEmpty else { return nil }
        let fields = content.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Self.trimmed)
        if !isBegun {
            isBegun = true
            if try header(fields) { return nil }
        }
        guard fields.indices.contains(max(timeIndex, valueIndex)) else {
            throw error(
                "there are \(fields.count) fields; the timestamp is number \(timeIndex + 1) and the value number "
                    + "\(valueIndex + 1)"
            )
        }
        let timestamp = fields[timeIndex]
        guard let time = Timestamp.seconds(timestamp) ?? Self.number(timestamp) else {
            throw error(
                "the timestamp is '\(Self.shown(timestamp))'; YYYY-mm-dd HH:MM:SS[.ffffff] or a number of seconds is "
                    + "accepted"
            )
        }
        let field = fields[valueIndex]
        guard let value = Self.value(field) else {
            throw error(
                "the value is '\(Self.shown(field))'; a decimal number is accepted, or nothing or nan where the "
                    + "reading is missing"
            )
        }
        return SeriesRow(timestamp: timestamp.startIndex..<timestamp.endIndex, time: time, value: value)
    }

    /// Finds the columns; whether the first line is a header.
    private mutating func header(_ fields: [ArraySlice<UInt8>]) throws(SeriesError) -> Bool {
        let names = fields.map { String(decoding: $0, as: UTF8.self) }
        let isHeader = Timestamp.seconds(fields[0]) == nil && Self.number(fields[0]) == nil
        guard isHeader else {
            if let column { throw error("there is no header, so there is no column '\(column)'") }
            return false
        }
        let wanted = column ?? "value"
        let choice = names.map { "'\(Self.shown($0.utf8))'" }.joined(separator: ", ")
        guard let found = names.firstIndex(of: wanted) else {
            throw error("there is no column '\(wanted)'; the columns are \(choice)")
        }
        timeIndex = names.firstIndex(of: "timestamp") ?? 0
        valueIndex = found
        if timeIndex == valueIndex {
            throw error("'\(wanted)' is the column of the timestamp; the columns are \(choice)")
        }
        return true
    }

    /// An error at this line.
    private func error(_ problem: String) -> SeriesError { SeriesError(line: line, problem: problem) }

    /// A field without blanks, carriage return and quotes around it.
    private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var part = field
        while let last = part.last, last == 0x20 || last == 0x09 || last == 0x0D { part = part.dropLast() }
        while let first = part.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
        let quote = UInt8(ascii: "\"")
        if part.count >= 2, part.first == quote, part.last == quote, !part.contains(UInt8(ascii: ",")) {
            return part.dropFirst().dropLast()
        }
        return part
    }

    /// The value of a field; not a number where it is missing, nil where it makes no sense.
    private static func value(_ field: ArraySlice<UInt8>) -> Double? {
        if field.isEmpty || (field.count == 3 && field.elementsEqual("nan".utf8, by: { $0 | 0x20 == $1 })) {
            return .nan
        }
        return number(field)
    }

    /// A decimal number.
    private static func number(_ field: ArraySlice<UInt8>) -> Double? {
        guard !field.isEmpty, field.count <= longestNumber else { return nil }
        for byte in field {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default: return nil
            }
        }
        guard let number = Double(String(decoding: field, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }

    /// A field fit to be shown: without control characters, and cut.
    private static func shown(_ field: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(field.prefix(shownBytes + 1)), as: UTF8.self)
        let safe = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 })
        )
        return safe.utf8.count > shownBytes ? String(safe.prefix(shownBytes)) + "…" : safe
    }
}
