public import HostReaders

/// What went wrong with kernel files: a count for the metrics, and the latest one in full for the journal.
public struct FaultLog: Sendable {
    /// Files that could not be read or understood since the start.
    public private(set) var count: UInt64 = 0
    /// The latest one; kept as it is while the same file goes on failing.
    public private(set) var latest: ReaderError?

    /// No faults.
    init() {}

    /// Counts a read that failed.
    mutating func note(_ file: borrowing KernelFile, errno: Int32) {
        count &+= 1
        if isNew(file) { latest = ReaderError(path: file.path, errno: errno) }
    }

    /// Counts a read of something other than a kernel file that failed.
    mutating func note(_ path: String, errno: Int32) {
        count &+= 1
        if latest?.path != path { latest = ReaderError(path: path, errno: errno) }
    }

    /// Counts a file that made no sense.
    mutating func note(
        _ file: borrowing KernelFile,
        _ malformed: Malformed,
        in buffer: borrowing ReadBuffer,
        _ size: Int
    ) {
        count &+= 1
        guard isNew(file) else { return }
        latest = ReaderError(path: file.path, malformed: malformed, in: buffer.storage.span.extracting(first: size))
    }

    /// Whether a file is another than the latest; builds no text where it is not the first fault.
    private func isNew(_ file: borrowing KernelFile) -> Bool {
        guard let latest else { return true }
        return !(latest.path.hasPrefix(file.directory) && latest.path.hasSuffix(file.name))
    }
}
