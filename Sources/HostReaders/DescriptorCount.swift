internal import Glibc

/// Counts the descriptors that a process has open.
///
/// Since Linux 6.2 the size of `/proc/<pid>/fd` is their number; on older kernels, and in a fixture tree, the directory
/// is listed, through a stream that is kept open so that counting again allocates nothing.
@safe public struct DescriptorCount: ~Copyable {
    private let stream: OpaquePointer?
    private let isProc: Bool

    /// Opens `/proc/<pid>/fd`.
    ///
    /// - Parameters:
    ///   - pid: The process.
    ///   - roots: Where procfs is.
    public init(pid: Int32, roots: HostRoots) {
        // SAFETY: the path is a NUL-terminated copy that outlives the call; glibc opens with O_CLOEXEC.
        unsafe stream = opendir("\(roots.proc)/\(pid)/fd")
        isProc = roots.proc == "/proc"
    }

    deinit {
        // SAFETY: the stream was opened here, is handed to nobody and is closed once.
        if let stream = unsafe stream { unsafe closedir(stream) }
    }

    /// How many descriptors are open now.
    ///
    /// The corresponding C functions are `fstat` and `readdir`.
    ///
    /// - Returns: The number; `nil` where the process is gone or hidden.
    public func count() -> Int? {
        // SAFETY: the stream is open for as long as `self` lives; entries are only tested for being there.
        guard let stream = unsafe stream else { return nil }
        var status = stat()
        guard unsafe fstat(dirfd(stream), &status) == 0 else { return nil }
        if isProc, status.st_size > 0 { return Int(status.st_size) }
        unsafe rewinddir(stream)
        var entries = 0
        while unsafe readdir(stream) != nil { entries += 1 }
        return entries >= 2 ? entries - 2 : nil
    }
}
