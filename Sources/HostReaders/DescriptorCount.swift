internal import Glibc

/// Counts the descriptors that a process has open.
///
/// Since Linux 6.2 the size of `/proc/<pid>/fd` is their number (`filesystems/proc`); on older kernels, and in a fixture
/// tree, the directory is listed, which allocates. It keeps no descriptor open itself.
public struct DescriptorCount: ~Copyable {
    /// The path of the directory with its NUL.
    private let path: [CChar]
    private let isProc: Bool

    /// Names `/proc/<pid>/fd`.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - roots: Where procfs is.
    public init(pid: Int32, roots: HostRoots) {
        path = Array("\(roots.proc)/\(pid)/fd".utf8CString)
        isProc = roots.proc == "/proc"
    }

    /// How many descriptors are open now.
    ///
    /// The corresponding C functions are `stat` and `readdir`.
    ///
    /// - Returns: The number; `nil` where the process is gone or hidden.
    public func count() -> Int? {
        // SAFETY: the path ends with a NUL and outlives the calls; the stream is open until it is closed on every way
        // out, and entries are only tested for being there.
        unsafe path.withUnsafeBufferPointer { path in
            guard let path = path.baseAddress else { return nil }
            var status = stat()
            guard isProc ? unsafe stat(path, &status) == 0 : true else { return nil }
            if status.st_size > 0 { return Int(status.st_size) }
            guard let stream = unsafe opendir(path) else { return nil }
            defer { unsafe closedir(stream) }
            var entries = 0
            while unsafe readdir(stream) != nil { entries += 1 }
            return entries >= 2 ? entries - 2 : nil
        }
    }
}
