/// What came of reading a kernel file.
public enum ReadOutcome: Sendable, Equatable {
    /// This many bytes are in the buffer.
    case bytes(Int)
    /// The file, its cgroup or its process is gone (`ENOENT`, `ENOTDIR`, `ENODEV`, `ESRCH`): a normal end, no error.
    case vanished
    /// The kernel has the file but not what it tells (`EOPNOTSUPP`, `EINVAL`), as with PSI switched off at boot.
    case unsupported
    /// Reading failed with this `errno`.
    case failed(Int32)
}

/// Bytes that are not what the kernel's documents promise.
public struct Malformed: Error, Sendable, Equatable {
    /// Where reading stopped, in bytes from the beginning of the file.
    public let offset: Int

    /// Names the place.
    ///
    /// - Parameter offset: Bytes from the beginning of the file.
    public init(at offset: Int) {
        self.offset = offset
    }
}

/// A kernel file that could not be read or understood, with all that is needed to look at it by hand.
public struct ReaderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Reason: Sendable, Equatable {
        /// The read failed with this `errno`.
        case failed(Int32)
        /// This line is not what the kernel's documents promise; cut after 120 bytes.
        case malformed(line: String)
    }

    /// The file.
    public let path: String
    /// What went wrong.
    public let reason: Reason

    /// A failed read.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - errno: Why it failed.
    public init(path: String, errno: Int32) {
        self.path = path
        self.reason = .failed(errno)
    }

    /// A file that could not be understood.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - malformed: Where reading stopped.
    ///   - bytes: What was read.
    public init(path: String, malformed: Malformed, in bytes: Span<UInt8>) {
        let stop = min(max(0, malformed.offset), bytes.count)
        var start = stop
        while start > 0, bytes[start - 1] != Scan.newline { start -= 1 }
        var line: [UInt8] = []
        var index = start
        while index < bytes.count, bytes[index] != Scan.newline, line.count < 120 {
            line.append(bytes[index])
            index += 1
        }
        self.path = path
        self.reason = .malformed(line: String(decoding: line, as: UTF8.self))
    }

    /// The error for people.
    public var description: String {
        switch reason {
        case .failed(let code): "\(path): errno \(code)"
        case .malformed(let line): "\(path): unexpected line '\(line)'"
        }
    }
}
