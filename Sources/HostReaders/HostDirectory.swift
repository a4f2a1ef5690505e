internal import Glibc

/// Reading of directories and whole small files where things are set up; never within a tick.
public enum HostDirectory {
    /// The names in a directory without `.` and `..`, in no order; empty where it cannot be read.
    ///
    /// The corresponding C function is `readdir`.
    ///
    /// - Parameter path: The directory.
    /// - Returns: The names.
    public static func names(in path: String) -> [String] {
        // SAFETY: the stream is closed on every way out and its entries are copied before the next is read.
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether a path is there.
    ///
    /// The corresponding C function is `access`.
    ///
    /// - Parameter path: The path.
    /// - Returns: Whether it is there.
    public static func exists(_ path: String) -> Bool {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe access(path, F_OK) == 0
    }

    /// The bytes of a file; `nil` where it cannot be read.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its bytes.
    public static func bytes(of path: String) -> [UInt8]? {
        let (directory, name) = split(path)
        let file = KernelFile(directory: directory, name: name)
        var buffer = ReadBuffer(capacity: 4_096)
        guard case .bytes(let count) = file.readAll(into: &buffer) else { return nil }
        return Array(buffer.storage[0..<count])
    }

    /// The text of a file; `nil` where it cannot be read.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its text, with what is no UTF-8 replaced.
    public static func text(of path: String) -> String? {
        bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Where a symbolic link points, as it is written; `nil` where the path is none.
    ///
    /// The corresponding C function is `readlink`.
    ///
    /// - Parameter path: The link.
    /// - Returns: What it says.
    public static func linkTarget(of path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        // SAFETY: the kernel writes at most as many bytes as the array holds, and no NUL.
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe readlink(path, base.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// The directory and the last component of a path.
    static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
