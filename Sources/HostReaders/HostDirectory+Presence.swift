internal import Glibc

extension HostDirectory {
    /// Whether something is there, as far as the caller may know.
    public enum Presence: Equatable, Sendable {
        /// It is.
        case there
        /// It is not.
        case missing
        /// It cannot be told, with this `errno`.
        case hidden(Int32)
    }

    /// What is in a directory, as far as the caller may know.
    public enum Listing: Equatable, Sendable {
        /// These names, sorted.
        case names([String])
        /// There is no such directory.
        case missing
        /// It cannot be told, with this `errno`.
        case hidden(Int32)
    }

    /// Whether a path is there, itself and not what it may lead to.
    ///
    /// The corresponding C function is `lstat`.
    ///
    /// - Parameter path: The path.
    /// - Returns: Whether it is there.
    public static func presence(of path: String) -> Presence {
        var status = stat()
        // SAFETY: the path is a NUL-terminated copy, and one status is written.
        if unsafe lstat(path, &status) == 0 { return .there }
        return errno == ENOENT || errno == ENOTDIR ? .missing : .hidden(errno)
    }

    /// What is in a directory.
    ///
    /// The corresponding C function is `opendir`.
    ///
    /// - Parameter path: The directory.
    /// - Returns: Its names, or why they cannot be told.
    public static func listing(of path: String) -> Listing {
        // SAFETY: the stream is closed at once.
        guard let stream = unsafe opendir(path) else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .hidden(errno)
        }
        unsafe closedir(stream)
        return .names(names(in: path).sorted())
    }

    /// What tells a file or device from all others, by whatever path it is reached; the path itself where nothing is
    /// there, or it cannot be told.
    ///
    /// The corresponding C function is `stat`.
    ///
    /// - Parameter path: The path.
    /// - Returns: The same text for the same file, and another one for any other.
    public static func identity(of path: String) -> String {
        var status = stat()
        // SAFETY: the path is a NUL-terminated copy, and one status is written.
        guard unsafe stat(path, &status) == 0 else { return path }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFBLK || kind == S_IFCHR { return "device \(kind):\(status.st_rdev)" }
        return "file \(status.st_dev):\(status.st_ino)"
    }
}
