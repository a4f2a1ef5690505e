internal import CKernel

/// A request for a dump, built once and sent again and again.
public struct NetlinkRequest: Sendable {
    /// The whole message.
    private(set) var bytes: [UInt8]

    /// A request (`NLM_F_REQUEST | NLM_F_DUMP`) without attributes.
    ///
    /// - Parameters:
    ///   - type: What is asked for: `RTM_GETSTATS`, …
    ///   - header: The fixed header of that family, padded to a multiple of 4.
    init(type: UInt16, header: [UInt8]) {
        bytes = []
        Self.append(UInt32(0), to: &bytes)
        Self.append(type, to: &bytes)
        Self.append(UInt16(NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH), to: &bytes)
        Self.append(UInt32(0), to: &bytes)
        Self.append(UInt32(0), to: &bytes)
        bytes += header
        writeLength()
    }

    /// Adds an attribute whose payload is text that a zero byte ends.
    mutating func add(_ type: Int, text: [UInt8]) {
        let length = 4 + text.count + 1
        Self.append(UInt16(truncatingIfNeeded: length), to: &bytes)
        Self.append(UInt16(truncatingIfNeeded: type), to: &bytes)
        bytes += text
        bytes += repeatElement(0, count: 1 + (-length & 3))
        writeLength()
    }

    /// Numbers the request.
    mutating func stamp(_ sequence: UInt32) {
        for place in 0..<4 { bytes[8 + place] = Self.byte(place, of: sequence) }
    }

    /// Writes how long it is into its header.
    private mutating func writeLength() {
        for place in 0..<4 { bytes[place] = Self.byte(place, of: UInt32(bytes.count)) }
    }

    /// Appends a number in the host's byte order.
    static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        for place in 0..<Number.bitWidth / 8 { bytes.append(byte(place, of: number)) }
    }

    /// The byte at a place of a number as it lies in memory.
    private static func byte<Number: FixedWidthInteger>(_ place: Int, of number: Number) -> UInt8 {
        UInt8(truncatingIfNeeded: number.littleEndian >> (8 * place))
    }
}
