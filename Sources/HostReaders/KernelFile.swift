internal import Glibc

/// A kernel file that is opened once and read again and again from its beginning.
///
/// procfs, sysfs and cgroupfs render a file anew for each read at offset 0, so a kept-open descriptor saves the path
/// walk of every tick. A file that could not be opened stays closed and tells so at each read.
public struct KernelFile: ~Copyable {
    /// The directory.
    public let directory: String
    /// The file's name in it.
    public let name: String

    /// The descriptor, or −1 where the file is not open.
    private let descriptor: Int32
    /// Why the file is not open.
    let openError: Int32

    /// Opens a file for reading.
    ///
    /// The corresponding C function is `open`.
    ///
    /// - Parameters:
    ///   - directory: The directory; several files of one directory share the text.
    ///   - name: The file's name in it.
    public init(directory: String, name: String) {
        self.directory = directory
        self.name = name
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        descriptor = unsafe open(directory + "/" + name, O_RDONLY | O_CLOEXEC)
        openError = descriptor < 0 ? errno : 0
    }

    /// A file that is not there, for a signal that this host does not give.
    public init() {
        directory = ""
        name = ""
        descriptor = -1
        openError = ENOENT
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The whole path, for people.
    public var path: String { directory + "/" + name }

    /// Whether there is anything to read from.
    public var isOpen: Bool { descriptor >= 0 }

    /// Whether the kernel refused to open the file because it does not support it.
    public var isUnsupported: Bool { openError == EOPNOTSUPP }

    /// Reads the file with one `pread` at offset 0, again with a larger buffer where it filled the buffer.
    ///
    /// Enough for every file that the kernel renders in one piece: all per-cgroup and per-process files. The
    /// corresponding C function is `pread`.
    ///
    /// - Parameter buffer: Where the bytes go.
    /// - Returns: What came of it.
    public func read(into buffer: inout ReadBuffer) -> ReadOutcome {
        guard descriptor >= 0 else { return Self.outcome(of: openError) }
        while true {
            let count = fill(&buffer, from: 0)
            guard count >= 0 else { return Self.outcome(of: errno) }
            if count < buffer.storage.count { return .bytes(count) }
            guard buffer.grow() else { return .failed(EFBIG) }
        }
    }

    /// Reads the file to its end, for those that the kernel hands out a page at a time, such as `/proc/net/dev`.
    ///
    /// - Parameter buffer: Where the bytes go.
    /// - Returns: What came of it.
    public func readAll(into buffer: inout ReadBuffer) -> ReadOutcome {
        guard descriptor >= 0 else { return Self.outcome(of: openError) }
        var filled = 0
        while true {
            if filled == buffer.storage.count, !buffer.grow() { return .failed(EFBIG) }
            let count = fill(&buffer, from: filled)
            guard count >= 0 else { return Self.outcome(of: errno) }
            if count == 0 { return .bytes(filled) }
            filled += count
        }
    }

    /// One `pread` into the rest of the buffer; retried where a signal interrupted it.
    private func fill(_ buffer: inout ReadBuffer, from offset: Int) -> Int {
        var count: Int
        repeat {
            // SAFETY: the kernel writes at most as many bytes as the rest of the buffer holds.
            count = unsafe buffer.storage.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset))
            }
        } while count < 0 && errno == EINTR
        return count
    }

    /// Sorts an `errno` into what it means for a sampler.
    static func outcome(of code: Int32) -> ReadOutcome {
        switch code {
        case ENOENT, ENOTDIR, ENODEV, ESRCH: .vanished
        case EOPNOTSUPP, EINVAL: .unsupported
        default: .failed(code)
        }
    }
}
