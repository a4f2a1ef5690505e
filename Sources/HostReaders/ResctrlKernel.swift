internal import Glibc

/// What is asked of the kernel to monitor and hold back a VM's threads: to make and remove groups and to move threads
/// into them.
///
/// A seam, since making a directory elsewhere than in the resource control file system does not give it files.
public protocol ResctrlKernel: Sendable {
    /// Makes a group.
    ///
    /// - Parameter directory: Its directory: that of a monitoring group below a `mon_groups`, that of a control group below
    ///   the mount point.
    /// - Returns: 0, or an `errno`: `ENOSPC` where no monitoring id or no class of service is left, `EBUSY` where the ids
    ///   that are left still have lines in the cache.
    func makeGroup(_ directory: String) -> Int32

    /// Removes a group: threads of a monitoring group fall back to the control group that it is in, those of a control
    /// group to the default group, and its monitoring groups go with it.
    ///
    /// - Parameter directory: Its directory.
    /// - Returns: 0, or an `errno`.
    func removeGroup(_ directory: String) -> Int32

    /// Moves a thread into a group; into a control group also out of the monitoring group that it was in.
    ///
    /// - Parameters:
    ///   - thread: The thread.
    ///   - directory: The group's directory.
    /// - Returns: 0, or an `errno`: `ESRCH` where the thread is gone, `EINVAL` where it is in another control group, `EPERM`
    ///   where the caller is neither root nor of the thread's user.
    func assign(_ thread: Int32, to directory: String) -> Int32
}

/// What is asked of the kernel to share out its resources, beside what ``ResctrlKernel`` asks.
public protocol ResctrlController: ResctrlKernel {
    /// Sets what a control group may use.
    ///
    /// - Parameters:
    ///   - schemata: Whole lines; resources without one are left as they are.
    ///   - directory: The group's directory.
    /// - Returns: 0, or an `errno`: `EINVAL` where the kernel does not take it, and says why in `info/last_cmd_status`.
    func share(_ schemata: ResctrlSchemata, to directory: String) -> Int32
}

/// The resource control file system of the running kernel.
public struct MountedResctrl: ResctrlController {
    /// The one that is mounted.
    public init() {}

    /// Makes a group.
    ///
    /// The corresponding C function is `mkdir`.
    ///
    /// - Parameter directory: Its directory.
    /// - Returns: 0, or an `errno`.
    public func makeGroup(_ directory: String) -> Int32 {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe mkdir(directory, 0o755) == 0 ? 0 : errno
    }

    /// Removes a group.
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
        Self.write("\(thread)\n", to: directory + "/tasks")
    }

    /// Sets what a control group may use.
    ///
    /// In one write, so that the kernel takes all of it or nothing. The corresponding C function is `write`.
    ///
    /// - Parameters:
    ///   - schemata: Whole lines.
    ///   - directory: The group's directory.
    /// - Returns: 0, or an `errno`.
    public func share(_ schemata: ResctrlSchemata, to directory: String) -> Int32 {
        Self.write(schemata.text, to: directory + "/schemata")
    }

    /// Whether the calling process may make groups below a directory.
    ///
    /// The corresponding C function is `access`.
    ///
    /// - Parameter directory: The directory.
    /// - Returns: Whether it may.
    public static func isWritable(_ directory: String) -> Bool {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        unsafe access(directory, W_OK) == 0
    }

    /// Writes a text to a file that is there, in one call.
    private static func write(_ text: String, to file: String) -> Int32 {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let descriptor = unsafe open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let text = Array(text.utf8)
        // SAFETY: the kernel reads as many bytes as the array holds.
        return unsafe text.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) } < 0 ? errno : 0
    }
}
