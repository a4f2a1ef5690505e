/// What a file of `mon_data` says, such as `llc_occupancy` or `mbm_total_bytes` (`filesystems/resctrl`).
///
/// All are in bytes. The kernel follows the hardware's narrow counters of bandwidth at least once a second and adds them
/// up in 64 bits, so the number in the file does not wrap within the life of a host.
public enum MonitorValue: Equatable, Sendable {
    /// Bytes held, or moved since the group was made.
    case bytes(UInt64)
    /// The hardware has nothing to tell: it has seen no traffic of the group yet, or does not follow it now.
    case unavailable
    /// No hardware counter is assigned to the group (Linux 6.18, AMD's `mbm_event` mode).
    case unassigned
    /// The hardware refused to tell.
    case error

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is neither a number nor a word that the kernel writes.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        if let value = Scan.number(bytes, &index), index + 1 == bytes.count, bytes[index] == Scan.newline {
            self = .bytes(value)
            return
        }
        index = 0
        if Scan.word("Unavailable", Scan.newline, bytes, &index) {
            self = .unavailable
        } else if Scan.word("Unassigned", Scan.newline, bytes, &index) {
            self = .unassigned
        } else if Scan.word("Error", Scan.newline, bytes, &index) {
            self = .error
        } else {
            throw Malformed(at: 0)
        }
    }
}
