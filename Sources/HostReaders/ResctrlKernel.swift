internal import Glibc

/// What is asked of the kernel to monitor a VM's threads: to make and remove groups and to move threads into them.
///
/// A seam, since making a directory elsewhere than in the resource control file system does not give it files.
public protocol ResctrlKernel: Sendable {
    /// Makes a monitoring group.
    ///
    /// - Parameter directory: Its directory, below a `mon_groups`.
    /// - Returns: 0, or an `errno`: `ENOSPC` where no monitoring id is left, `EBUSY` where those that are left still have
    ///   lines in the cache.
    func makeGroup(_ directory: String) -> Int32

    /// Removes a monitoring group; its threads fall back to the control group that it is in.
    ///
    /// - Parameter directory: Its directory.
    /// - Returns: 0, or an `errno`.
    func removeGroup(_ directory: String) -> Int32

    /// Moves a thread into a group.
    ///
    /// - Parameters:
    ///   - thread: The thread.
    ///   - directory: The group's directory.
    /// - Returns: 0, or an `errno`: `ESRCH` where the thread is gone, `EINVAL` where it is in another control group, `EPERM`
    ///   where the caller is neither root nor of the thread's user.
    func assign(_ thread: Int32, to directory: String) -> Int32
}

/// The resource control file system of the running kernel.
public struct MountedResctrl: ResctrlKernel {
    /// The one that is mounted.
    public init() {}

    /// Makes a monitoring group.
    ///
    /// The corresponding C function is `mkdir`.
    ///
    /// - Parameter directory: Its directory.
    /// - Returns: 0, or an `errno`.
    public func makeGroup(_ directory: String) -> Int32 {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe mkdir(directory, 0o755) == 0 ? 0 : errno
    }

    /// Removes a monitoring group.
    ///
    /// The corresponding C function is `rmdir`.
    ///
    /// - Parameter directory: Its directory.
    /// - Returns: 0, or an `errno`.
    public func removeGroup(_ directory: String) -> Int32 {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe rmdir(directory) == 0 ? 0 : errno
    }

    /// Moves a thread into a group.
    ///
    /// One to a call, since older kernels take no list. The corresponding C function is `write`.
    ///
    /// - Parameters:
    ///   - thread: The thread.
    ///   - directory: The group's directory.
    /// - Returns: 0, or an `errno`.
    public func assign(_ thread: Int32, to directory: String) -> Int32 {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let descriptor = unsafe open(directory + "/tasks", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let text = Array("\(thread)\n".utf8)
        // SAFETY: the kernel reads as many bytes as the array holds.
        return unsafe text.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) } < 0 ? errno : 0
    }
}
