/// The one buffer that every kernel file of a tick is read into.
///
/// It grows when a file does not fit and never shrinks, so that a warm tick allocates nothing.
public struct ReadBuffer: ~Copyable {
    /// The largest file that is read, in bytes.
    static let ceiling = 8 << 20

    /// What was read, followed by what was there before.
    ///
    /// Use `storage.span.extracting(first: count)` with the count that the read returned.
    public internal(set) var storage: [UInt8]

    /// An empty buffer.
    ///
    /// - Parameter capacity: Bytes at first, at least 64.
    public init(capacity: Int = 16_384) {
        storage = [UInt8](repeating: 0, count: max(64, capacity))
    }

    /// Doubles the buffer; `false` once the ceiling is reached.
    mutating func grow() -> Bool {
        guard storage.count < Self.ceiling else { return false }
        storage.append(contentsOf: repeatElement(0, count: storage.count))
        return true
    }
}
