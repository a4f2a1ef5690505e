/// One record of the kernel's log: `priority,sequence,microseconds,flags[,…];text` and lines of keys and values that
/// begin with a blank (`ABI/testing/dev-kmsg`).
///
/// The text is left escaped: what no text of the kernel's own holds (`\x0a`, `\x5c`) stays in four characters, so that
/// nothing in it can look like another line. Fragments are not joined: the kernel prints whole every line that
/// ``KernelEvent`` understands.
public struct KernelLogRecord: Equatable, Sendable {
    /// Who logged it; 0 is the kernel.
    ///
    /// Writing to the device cannot give 0, so that nobody else passes for the kernel.
    public var facility: UInt64
    /// How grave it is, from 0 (emergency) to 7 (debug).
    public var level: UInt64
    /// Its number; the kernel counts all records from 0.
    public var sequence: UInt64
    /// Whether it is a fragment of a line.
    public var isFragment: Bool
    /// Where its text is in the bytes, without the newline.
    public var text: Range<Int>

    /// Reads a record.
    ///
    /// - Parameter bytes: What one read gave.
    /// - Throws: Where it is malformed or its text has no end.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        let comma = UInt8(ascii: ",")
        let semicolon = UInt8(ascii: ";")
        var index = 0
        guard let priority = Scan.number(bytes, &index), Scan.at(comma, bytes, index) else { throw Malformed(at: 0) }
        index += 1
        guard let sequence = Scan.number(bytes, &index), Scan.at(comma, bytes, index) else {
            throw Malformed(at: index)
        }
        index += 1
        guard Scan.number(bytes, &index) != nil, Scan.at(comma, bytes, index) else { throw Malformed(at: index) }
        index += 1
        facility = priority >> 3
        level = priority & 7
        self.sequence = sequence
        isFragment = Scan.at(UInt8(ascii: "c"), bytes, index) || Scan.at(UInt8(ascii: "+"), bytes, index)
        while index < bytes.count, bytes[index] != semicolon, bytes[index] != Scan.newline { index += 1 }
        guard Scan.at(semicolon, bytes, index) else { throw Malformed(at: index) }
        let start = index + 1
        index = start
        while index < bytes.count, bytes[index] != Scan.newline { index += 1 }
        guard index < bytes.count else { throw Malformed(at: start) }
        text = start..<index
    }
}
