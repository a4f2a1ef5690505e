/// Reading of fixed-width numbers out of binary messages.
///
/// Every function is total: what lies outside of the span, in part or whole, is `nil`.
enum Wire {
    /// The number of 8 bits at an offset.
    @inline(__always)
    static func uint8(_ bytes: Span<UInt8>, _ offset: Int) -> UInt8? {
        offset >= 0 && offset < bytes.count ? bytes[offset] : nil
    }

    /// The number of 16 bits at an offset, in the host's byte order.
    @inline(__always)
    static func uint16(_ bytes: Span<UInt8>, _ offset: Int) -> UInt16? {
        guard offset >= 0, offset <= bytes.count - 2 else { return nil }
        // SAFETY: both bytes lie within the span, and every pattern of bits is a number.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
    }

    /// The number of 32 bits at an offset, in the host's byte order.
    @inline(__always)
    static func uint32(_ bytes: Span<UInt8>, _ offset: Int) -> UInt32? {
        guard offset >= 0, offset <= bytes.count - 4 else { return nil }
        // SAFETY: all four bytes lie within the span, and every pattern of bits is a number.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    /// The number of 64 bits at an offset, in the host's byte order.
    @inline(__always)
    static func uint64(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64? {
        guard offset >= 0, offset <= bytes.count - 8 else { return nil }
        // SAFETY: all eight bytes lie within the span, and every pattern of bits is a number.
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
