/// What one read of a group of performance counters gives: the kernel's layout for `PERF_FORMAT_GROUP` with the times
/// (`perf_event_open(2)`).
public struct PerfReadout: Equatable, Sendable {
    /// Counters in a group: cycles, instructions, misses of the last-level cache.
    public static let width = 3
    /// Bytes of a whole read: how many counters, two times, and the counters.
    static let size = (3 + width) * 8

    /// Nanoseconds for which the group was to count: while a thread of the cgroup was on the CPU.
    public var enabled: UInt64
    /// Nanoseconds for which it did; less where others shared the hardware's counters with it.
    public var running: UInt64
    /// The counters, as they stand.
    public var counts: InlineArray<3, UInt64>

    /// Joins times and counters.
    ///
    /// - Parameters:
    ///   - enabled: Nanoseconds for which the group was to count.
    ///   - running: Nanoseconds for which it did.
    ///   - counts: The counters.
    public init(enabled: UInt64, running: UInt64, counts: InlineArray<3, UInt64>) {
        self.enabled = enabled
        self.running = running
        self.counts = counts
    }

    /// Reads what the kernel wrote, in its own byte order.
    ///
    /// - Parameter bytes: All that was read.
    /// - Throws: Where it is not exactly a group of three.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        guard bytes.count == Self.size, Self.word(0, bytes) == UInt64(Self.width) else { throw Malformed(at: 0) }
        enabled = Self.word(1, bytes)
        running = Self.word(2, bytes)
        counts = [Self.word(3, bytes), Self.word(4, bytes), Self.word(5, bytes)]
    }

    /// One word of 64 bits.
    private static func word(_ place: Int, _ bytes: Span<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        for offset in 0..<8 { value |= UInt64(bytes[place * 8 + offset]) << UInt64(8 * offset) }
        return UInt64(littleEndian: value).littleEndian
    }

    /// Whether two readouts say the same.
    ///
    /// - Parameters:
    ///   - left: A readout.
    ///   - right: Another readout.
    /// - Returns: Whether they do.
    public static func == (left: PerfReadout, right: PerfReadout) -> Bool {
        left.enabled == right.enabled && left.running == right.running && left.counts[0] == right.counts[0]
            && left.counts[1] == right.counts[1] && left.counts[2] == right.counts[2]
    }
}
