internal import Glibc

/// A kernel file that is opened once and read again and again from its beginning.
///
/// procfs, sysfs and cgroupfs render a file anew for each read at offset 0, so a kept-open descriptor saves the path
/// walk of every tick. A file that could not be opened stays closed and tells so at each read. One that is read seldom
/// may be opened for each read instead (``init(directory:name:isSeldom:)``): thousands of VMs have tens of thousands of
/// files, and descriptors are limited.
public struct KernelFile: ~Copyable {
    /// The directory.
    public let directory: String
    /// The file's name in it.
    public let name: String

    /// The descriptor, or −1 where the file is not kept open.
    private let descriptor: Int32
    /// The path with its NUL of a file that is opened for each read, else empty.
    private let seldomPath: [CChar]
    /// Why the file is not open.
    let openError: Int32

    /// Opens a file for reading.
    ///
    /// The corresponding C function is `open`.
    ///
    /// - Parameters:
    ///   - directory: The directory; several files of one directory share the text.
    ///   - name: The file's name in it.
    ///   - isSeldom: Whether to close it again and to open it for each read; whoever reads then must bear that another
    ///     file of the same path may have taken its place.
    public init(directory: String, name: String, isSeldom: Bool = false) {
        self.directory = directory
        self.name = name
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let opened = unsafe open(directory + "/" + name, O_RDONLY | O_CLOEXEC)
        openError = opened < 0 ? errno : 0
        guard isSeldom, opened >= 0 else {
            descriptor = opened
            seldomPath = []
            return
        }
        close(opened)
        descriptor = -1
        seldomPath = Array((directory + "/" + name).utf8CString)
    }

    /// A file that is not there, for a signal that this host does not give.
    public init() {
        directory = ""
        name = ""
        seldomPath = []
        descriptor = -1
        openError = ENOENT
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The whole path, for people.
    public var path: String { directory + "/" + name }

    /// Whether there is anything to read from.
    public var isOpen: Bool { openError == 0 }

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
        guard isOpen else { return Self.outcome(of: openError) }
        if seldomPath.isEmpty { return Self.read(descriptor, into: &buffer) }
        // SAFETY: the path ends with a NUL and outlives the call.
        let opened = unsafe seldomPath.withUnsafeBufferPointer { path in
            guard let start = path.baseAddress else { return Int32(-1) }
            return unsafe open(start, O_RDONLY | O_CLOEXEC)
        }
        guard opened >= 0 else { return Self.outcome(of: errno) }
        defer { close(opened) }
        return Self.read(opened, into: &buffer)
    }

    /// Reads an open file with one `pread`, or with several where the buffer has to grow.
    private static func read(_ descriptor: Int32, into buffer: inout ReadBuffer) -> ReadOutcome {
        while true {
            let count = fill(&buffer, of: descriptor, from: 0)
            guard count >= 0 else { return outcome(of: errno) }
            if count < buffer.storage.count { return .bytes(count) }
            guard buffer.grow() else { return .failed(EFBIG) }
        }
    }

    /// Reads the file to its end, for those that the kernel hands out a page at a time, such as `/proc/net/dev`.
    ///
    /// - Parameter buffer: Where the bytes go.
    /// - Returns: What came of it.
    public func readAll(into buffer: inout ReadBuffer) -> ReadOutcome {
        guard descriptor >= 0 else { return isOpen ? read(into: &buffer) : Self.outcome(of: openError) }
        var filled = 0
        while true {
            if filled == buffer.storage.count, !buffer.grow() { return .failed(EFBIG) }
            let count = Self.fill(&buffer, of: descriptor, from: filled)
            guard count >= 0 else { return Self.outcome(of: errno) }
            if count == 0 { return .bytes(filled) }
            filled += count
        }
    }

    /// One `pread` into the rest of the buffer; retried where a signal interrupted it.
    private static func fill(_ buffer: inout ReadBuffer, of descriptor: Int32, from offset: Int) -> Int {
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
