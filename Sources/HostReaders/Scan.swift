/// Reading of numbers and words out of kernel text.
///
/// Every function is total: whatever the bytes, it neither traps nor leaves the span, and it moves `index` only forward.
enum Scan {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let colon = UInt8(ascii: ":")
    static let equals = UInt8(ascii: "=")

    /// Whether the byte at `index` is there and is `byte`.
    @inline(__always)
    static func at(_ byte: UInt8, _ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index < bytes.count && bytes[index] == byte
    }

    /// Passes blanks.
    @inline(__always)
    static func skipBlanks(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index] == space || bytes[index] == tab { index += 1 }
    }

    /// Passes the rest of a line and its newline.
    @inline(__always)
    static func skipLine(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index] != newline { index += 1 }
        if index < bytes.count { index += 1 }
    }

    /// Passes blanks and then everything up to the next blank or newline; `false` where the line ends before.
    static func skipField(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        skipBlanks(bytes, &index)
        let start = index
        while index < bytes.count, bytes[index] != space, bytes[index] != newline, bytes[index] != tab { index += 1 }
        return index > start
    }

    /// Reads digits; `nil` where there are none, where they exceed 64 bits or where the file ends with them.
    ///
    /// A kernel file ends with a newline, so digits at its very end may have been cut.
    @inline(__always)
    static func number(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt64? {
        var value: UInt64 = 0
        let start = index
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(UInt64(digit))
            if tooLarge || carried { return nil }
            value = sum
            index += 1
        }
        return index > start && index < bytes.count ? value : nil
    }

    /// Passes blanks and reads a number that a blank or a newline ends.
    @inline(__always)
    static func field(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt64? {
        skipBlanks(bytes, &index)
        guard let value = number(bytes, &index) else { return nil }
        let end = bytes[index]
        return end == newline || end == space || end == tab ? value : nil
    }

    /// Passes `word` where it stands at `index`, followed by `end`; else moves nothing and says `false`.
    @inline(__always)
    static func word(_ word: StaticString, _ end: UInt8, _ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - index > length, bytes[index + length] == end else { return false }
        for place in 0..<length {
            // SAFETY: `utf8Start` points to `length` bytes that live as long as the process.
            guard unsafe word.utf8Start[place] == bytes[index + place] else { return false }
        }
        index += length + 1
        return true
    }

    /// Reads the value of a `key value` line at `index` where its key is `key`.
    ///
    /// - Returns: `nil` and no movement where it is another line.
    /// - Throws: Where the value is no number.
    @inline(__always)
    static func value(
        of key: StaticString,
        _ bytes: Span<UInt8>,
        _ index: inout Int
    ) throws(Malformed) -> UInt64? {
        let start = index
        guard word(key, space, bytes, &index) else { return nil }
        guard let value = field(bytes, &index) else { throw Malformed(at: start) }
        skipLine(bytes, &index)
        return value
    }

    /// Microseconds as nanoseconds, held at the largest number that fits.
    @inline(__always)
    static func nanoseconds(microseconds: UInt64) -> UInt64 {
        let (product, tooLarge) = microseconds.multipliedReportingOverflow(by: 1_000)
        return tooLarge ? .max : product
    }
}
