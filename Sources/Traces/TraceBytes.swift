/// How numbers and texts are written in a payload.
extension [UInt8] {
    /// Appends a whole number in groups of seven bits, the lowest first, all but the last with the top bit set (LEB128).
    mutating func appendNumber(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Appends a number that may be negative, so that small ones of either sign are short (zigzag).
    mutating func appendSigned(_ number: Int64) {
        appendNumber(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    /// Appends the bits of a Double, the lowest byte first.
    mutating func appendDouble(_ value: Double) { appendBytes(8, of: value.bitPattern) }

    /// Appends the lowest bytes of a number, the lowest first.
    mutating func appendBytes(_ count: Int, of number: UInt64) {
        for index in 0..<count { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }

    /// Appends a text as UTF-8 after its length.
    mutating func appendText(_ text: String) {
        appendNumber(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends texts after their number.
    mutating func appendTexts(_ texts: [String]) {
        appendNumber(UInt64(texts.count))
        for text in texts { appendText(text) }
    }
}

/// Reads a payload from front to back; whatever the bytes are, it ends with a problem at worst.
struct TraceCursor {
    /// All bytes of the trace.
    private let bytes: [UInt8]
    /// The next byte.
    private(set) var offset: Int
    /// Behind the last byte that may be read.
    private let end: Int

    /// A cursor over a part of some bytes.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    /// Bytes left.
    var left: Int { end - offset }

    /// A problem at the next byte.
    func problem(_ reason: String) -> TraceProblem { TraceProblem(offset: offset, reason) }

    /// The next byte.
    mutating func byte() throws(TraceProblem) -> UInt8 {
        guard offset < end else { throw problem("the record ends too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A whole number.
    mutating func number() throws(TraceProblem) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw problem("a number of more than 64 bits") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A whole number up to a limit.
    mutating func number(upTo limit: Int, _ what: String) throws(TraceProblem) -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw problem("\(what) is \(value); at most \(limit) is accepted") }
        return Int(value)
    }

    /// A number of things that follow, each of a byte at least.
    mutating func count(_ what: String) throws(TraceProblem) -> Int {
        let value = try number()
        guard value <= UInt64(left) else { throw problem("\(what) is \(value); \(left) bytes are left") }
        return Int(value)
    }

    /// A number that may be negative.
    mutating func signed() throws(TraceProblem) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number of so many bytes, the lowest first.
    mutating func number(bytes count: Int) throws(TraceProblem) -> UInt64 {
        guard count <= left else { throw problem("the record ends too early") }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        offset += count
        return value
    }

    /// A Double, bit for bit.
    mutating func double() throws(TraceProblem) -> Double { Double(bitPattern: try number(bytes: 8)) }

    /// A text.
    mutating func text() throws(TraceProblem) -> String {
        let count = try count("the length of a text")
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    /// Texts after their number.
    mutating func texts() throws(TraceProblem) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try count("the number of texts")) { texts.append(try text()) }
        return texts
    }

    /// A byte that says yes or no.
    mutating func flag() throws(TraceProblem) -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw problem("a flag of \(byte); 0 and 1 are accepted") }
        return byte == 1
    }

    /// One of several values, by its name.
    mutating func named<Value>(_ type: Value.Type) throws(TraceProblem) -> Value
    where Value: CaseIterable & RawRepresentable<String> {
        let text = try text()
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("'\(text)' is none of: \(known)")
        }
        return value
    }

    /// A part of so many bytes, to be read by itself; this cursor goes on behind it.
    mutating func part(_ count: Int) throws(TraceProblem) -> TraceCursor {
        guard count <= left else { throw problem("the record ends too early") }
        defer { offset += count }
        return TraceCursor(bytes, offset..<offset + count)
    }
}
