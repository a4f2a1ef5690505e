internal import CSystemd
internal import Glibc

/// Sends records to the system's journal.
public struct Journal: Sendable {
    /// Where the journal listens.
    public static let socketPath = "/run/systemd/journal/socket"

    /// A sender.
    public init() {}

    /// Whether a journal listens on this host; where none does, records would vanish without a word.
    ///
    /// - Parameter path: Its socket.
    /// - Returns: Whether there is a socket that may be written to.
    public static func isPresent(at path: String = socketPath) -> Bool {
        var status = stat()
        // SAFETY: Swift passes a NUL-terminated copy of the path; the call writes one struct stat.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        // SAFETY: Swift passes a NUL-terminated copy of the path.
        return unsafe access(path, W_OK) == 0
    }

    /// Sends a record.
    ///
    /// The corresponding C function is `sd_journal_sendv`.
    ///
    /// - Parameter record: The record.
    /// - Throws: `SystemdError` where the journal refused it.
    public func send(_ record: JournalRecord) throws(SystemdError) {
        let fields = record.encoded
        var bytes = fields.flatMap { $0 }
        // SAFETY: the vectors point into `bytes`, which outlives the call and is not changed by it; their lengths sum
        // to its count.
        let result = unsafe bytes.withUnsafeMutableBytes { buffer -> Int32 in
            var vectors: [iovec] = unsafe []
            var start = 0
            for field in fields {
                let base = unsafe buffer.baseAddress.map { unsafe $0 + start }
                unsafe vectors.append(iovec(iov_base: base, iov_len: field.count))
                start += field.count
            }
            return unsafe sd_journal_sendv(vectors, Int32(clamping: vectors.count))
        }
        _ = try SystemdError.check("sd_journal_sendv", result)
    }
}
