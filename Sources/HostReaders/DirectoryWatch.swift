internal import Glibc

/// Something that happened in a directory that is watched (`inotify(7)`).
public struct DirectoryEvent: Sendable, Equatable {
    /// What happened.
    public enum Kind: Sendable, Equatable {
        /// An entry was made: a directory, a link, or a file that may still be written.
        case made
        /// A file that was open for writing was closed, an entry was moved in, or its mode or owner was changed.
        case changed
        /// An entry was moved out or removed.
        case left
        /// The directory itself was removed or moved: it is watched no more.
        case gone
        /// Events were lost, of any of the directories.
        case lost
    }

    /// What happened.
    public var kind: Kind
    /// The number of the watch that it is of; -1 for events that were lost.
    public var watch: Int32
    /// The name of the entry; empty for the directory itself.
    public var name: String
    /// Whether the entry is a directory.
    public var isDirectory: Bool

    /// An event.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - watch: The number of the watch.
    ///   - name: The name of the entry.
    ///   - isDirectory: Whether the entry is a directory.
    public init(_ kind: Kind, watch: Int32, name: String = "", isDirectory: Bool = false) {
        self.kind = kind
        self.watch = watch
        self.name = name
        self.isDirectory = isDirectory
    }
}

/// Directories that the kernel tells changes of; it never waits.
public struct DirectoryWatch: ~Copyable {
    /// What is asked of each directory.
    private static let mask = UInt32(
        IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF
            | IN_ONLYDIR
    )
    /// The most that one call reads, in events of the longest name.
    private static let mostBytes = 64 * (16 + 256)

    private let descriptor: Int32

    /// Watches nothing yet.
    ///
    /// The corresponding C function is `inotify_init1`.
    ///
    /// - Throws: Why the kernel gives no instance.
    public init() throws(DirectoryWatchError) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw DirectoryWatchError(errno: errno) }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Watches a directory; one that is watched already keeps its number.
    ///
    /// The corresponding C function is `inotify_add_watch`.
    ///
    /// - Parameter directory: Its path.
    /// - Returns: The number of the watch, or why there is none.
    public func watch(_ directory: String) -> Result<Int32, DirectoryWatchError> {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let number = unsafe inotify_add_watch(descriptor, directory, Self.mask)
        return number < 0 ? .failure(DirectoryWatchError(errno: errno)) : .success(number)
    }

    /// Watches a directory no more.
    ///
    /// The corresponding C function is `inotify_rm_watch`.
    ///
    /// - Parameter watch: The number of the watch.
    public func forget(_ watch: Int32) {
        inotify_rm_watch(descriptor, watch)
    }

    /// What happened since the last call, oldest first; some dozens of events at most, and the rest at the next call.
    ///
    /// The corresponding C function is `read`.
    ///
    /// - Returns: The events; none where nothing happened.
    public func events() -> [DirectoryEvent] {
        var bytes = [UInt8](repeating: 0, count: Self.mostBytes)
        while true {
            // SAFETY: the kernel writes at most as many bytes as the array has.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Self.events(in: bytes.span.extracting(first: count)) : []
        }
    }

    /// Waits until something happens.
    ///
    /// The corresponding C function is `poll`.
    ///
    /// - Parameter milliseconds: The longest wait.
    /// - Returns: Whether something did.
    package func wait(milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // SAFETY: the kernel reads and writes the one structure.
        return unsafe poll(&request, 1, milliseconds) > 0
    }

    /// The events in what the kernel gave: a watch, a mask, a cookie and a length of 32 bits each, then the name, filled up
    /// with zeros to that length.
    package static func events(in bytes: Span<UInt8>) -> [DirectoryEvent] {
        var events: [DirectoryEvent] = []
        var offset = 0
        while let watch = Wire.uint32(bytes, offset), let mask = Wire.uint32(bytes, offset + 4),
            let length = Wire.uint32(bytes, offset + 12), Int(length) <= bytes.count - offset - 16
        {
            offset += 16
            var name: [UInt8] = []
            for index in offset..<offset + Int(length) {
                guard bytes[index] != 0 else { break }
                name.append(bytes[index])
            }
            offset += Int(length)
            guard let kind = kind(of: mask) else { continue }
            events.append(
                DirectoryEvent(
                    kind,
                    watch: Int32(bitPattern: watch),
                    name: String(decoding: name, as: UTF8.self),
                    isDirectory: mask & UInt32(IN_ISDIR) != 0
                )
            )
        }
        return events
    }

    /// What a mask says; `nil` for what was not asked for.
    private static func kind(of mask: UInt32) -> DirectoryEvent.Kind? {
        func has(_ bits: Int32) -> Bool { mask & UInt32(bits) != 0 }
        if has(IN_Q_OVERFLOW) { return .lost }
        if has(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) { return .gone }
        if has(IN_CREATE) { return .made }
        if has(IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB) { return .changed }
        return has(IN_MOVED_FROM | IN_DELETE) ? .left : nil
    }
}

/// Why a directory cannot be watched.
public struct DirectoryWatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The `errno`.
    public let errno: Int32

    /// Whether the directory is not there.
    public var isAbsent: Bool { errno == ENOENT || errno == ENOTDIR }

    /// The reason for people, and what to change where that is known.
    public var description: String {
        switch errno {
        case ENOSPC: "the kernel watches no more directories for this user (fs.inotify.max_user_watches)"
        case EMFILE: "the kernel has no more watches for this user (fs.inotify.max_user_instances)"
        case EACCES: "permission denied"
        case ENOENT: "there is no such directory"
        default: "errno \(errno)"
        }
    }

    /// The reason of an `errno`.
    ///
    /// - Parameter errno: The number.
    public init(errno: Int32) { self.errno = errno }
}
