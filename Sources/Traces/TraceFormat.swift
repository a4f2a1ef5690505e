import Signals

/// The constants of the trace format, version 2; `Docs/Traces.md` says what each byte is.
public enum TraceFormat {
    /// The first eight bytes of a file: none of them survives a transfer as text.
    public static let magic: [UInt8] = [0x89, 0x51, 0x54, 0x52, 0x43, 0x0D, 0x0A, 0x1A]
    /// The first eight bytes of a key record's payload, by which one is found again behind damage.
    static let marker: [UInt8] = [0x8A, 0x51, 0x4B, 0x45, 0x59, 0x0D, 0x0A, 0x1A]
    /// The version that is written and read.
    ///
    /// Version 1 knew of holds over the CPU alone.
    public static let version: UInt64 = 2
    /// Bytes before the payload of a record: kind, length, checksum.
    static let headLength = 9
    /// The longest payload, in bytes.
    static let longestPayload = 64 << 20
    /// The most rows that a frame may have.
    static let mostRows = 16_384
    /// The most signals that a trace may name.
    static let mostSignals = 1_024
    /// The smallest limit that may be set on a file, in bytes.
    public static let smallestFile = 1 << 20

    /// What a record holds.
    enum Kind: UInt8 {
        /// What the file is: version, facts, names of signals.
        case header = 0x48
        /// A whole frame.
        case key = 0x4B
        /// What changed since the frame before.
        case tick = 0x54
        /// What became of an intent.
        case event = 0x45
        /// What hour it is and whether the kill switch is thrown, from the next frame on.
        case circumstances = 0x43
        /// The end of a file that was closed in good order.
        case end = 0x5A
    }

    /// One record within some bytes, or why there is none.
    enum Found {
        /// A record whose checksum is right.
        case record(Kind, payload: Range<Int>)
        /// The bytes end within the record.
        case partial
        /// The bytes are no record.
        case bad(String)
    }

    /// The end record, which also whoever cuts a stream short may write.
    public static let endRecord: [UInt8] = {
        var bytes: [UInt8] = []
        let start = open(.end, in: &bytes)
        close(start, in: &bytes)
        return bytes
    }()

    /// Begins a record; its head is written by ``close(_:in:)``.
    ///
    /// - Returns: Where it begins.
    static func open(_ kind: Kind, in bytes: inout [UInt8]) -> Int {
        bytes.append(kind.rawValue)
        for _ in 1..<headLength { bytes.append(0) }
        return bytes.count - headLength
    }

    /// Ends the record that began at `start`: writes its length and its checksum.
    static func close(_ start: Int, in bytes: inout [UInt8]) {
        let length = UInt32(bytes.count - start - headLength)
        put(length, at: start + 1, in: &bytes)
        put(checksum(bytes, start, bytes.count), at: start + 5, in: &bytes)
    }

    /// Looks for a record at an offset.
    static func record(in bytes: [UInt8], at offset: Int) -> Found {
        let left = bytes.count - offset
        guard left >= 1 else { return .partial }
        guard let kind = Kind(rawValue: bytes[offset]) else {
            return .bad("no record begins with byte \(bytes[offset])")
        }
        guard left >= headLength else { return .partial }
        let length = Int(number(bytes, at: offset + 1))
        guard length <= longestPayload else {
            return .bad("a record of \(length) bytes, where at most \(longestPayload) are accepted")
        }
        let end = offset + headLength + length
        guard end <= bytes.count else { return .partial }
        guard checksum(bytes, offset, end) == number(bytes, at: offset + 5) else {
            return .bad("the checksum of the record is wrong")
        }
        return .record(kind, payload: offset + headLength..<end)
    }

    /// The number of 32 bits at an offset.
    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 { value |= UInt32(bytes[offset + index]) << UInt32(8 * index) }
        return value
    }

    /// Writes a number of 32 bits at an offset.
    private static func put(_ value: UInt32, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
    }

    /// The checksum of a record: over its kind and length, then its payload.
    private static func checksum(_ bytes: [UInt8], _ start: Int, _ end: Int) -> UInt32 {
        let head = CRC32C.extend(0, with: bytes, in: start..<start + 5)
        return CRC32C.extend(head, with: bytes, in: start + headLength..<end)
    }
}
