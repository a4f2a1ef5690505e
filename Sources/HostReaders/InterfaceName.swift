internal import Glibc

/// The name of a network interface, at most 15 bytes, packed so that comparing and hashing never allocates.
public struct InterfaceName: Hashable, Sendable {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Packs a name; `nil` where it is empty or longer than the kernel allows.
    ///
    /// - Parameter text: The name.
    public init?(_ text: String) {
        let count = text.utf8.count
        guard count > 0, count < 16 else { return nil }
        for byte in text.utf8 { append(byte) }
    }

    /// An empty name, to be filled byte by byte.
    init() {}

    /// Adds a byte behind the others.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        high = high << 8 | low >> 56
        low = low << 8 | UInt64(byte)
    }

    /// The interface's number in this network namespace now; `nil` where there is none of that name.
    ///
    /// The corresponding C function is `if_nametoindex`.
    ///
    /// - Parameter text: A name.
    /// - Returns: The number.
    public static func index(of text: String) -> Int32? {
        // SAFETY: the name is a NUL-terminated copy that outlives the call.
        let index = unsafe if_nametoindex(text)
        return index > 0 ? Int32(bitPattern: index) : nil
    }
}
