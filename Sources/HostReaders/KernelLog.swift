internal import Glibc

/// The kernel's log, read from where it stood when it was opened (`ABI/testing/dev-kmsg`).
///
/// Each read gives one whole record and never waits. What was logged before the opening is not told.
public struct KernelLog: ~Copyable {
    /// What came of asking for the next record.
    public enum Outcome: Sendable, Equatable {
        /// A record of this many bytes is in the buffer.
        case record(Int)
        /// There is none yet.
        case end
        /// The kernel wrote over records that were not read; reading goes on at the oldest that is left.
        case overrun
        /// Reading failed with this `errno`.
        case failed(Int32)
    }

    /// The device's path.
    public let path: String
    private let descriptor: Int32
    private let openError: Int32

    /// Opens the log and passes what it holds.
    ///
    /// With `kernel.dmesg_restrict` set this takes `CAP_SYSLOG`. The corresponding C functions are `open` and `lseek`.
    ///
    /// - Parameter roots: Where devices are.
    public init(roots: HostRoots) {
        path = roots.dev + "/kmsg"
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        openError = descriptor < 0 ? errno : 0
        if descriptor >= 0 { lseek(descriptor, 0, SEEK_END) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether the log can be read.
    public var access: FileAccess { descriptor >= 0 ? .readable : FileAccess(openError: openError) }

    /// Reads the next record into the buffer.
    ///
    /// The corresponding C function is `read`.
    ///
    /// - Parameter buffer: Where its bytes go.
    /// - Returns: What came of it.
    public func next(into buffer: inout ReadBuffer) -> Outcome {
        guard descriptor >= 0 else { return .failed(openError) }
        while true {
            // SAFETY: the kernel writes at most as many bytes as the buffer holds.
            let count = unsafe buffer.storage.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor, bytes.baseAddress, bytes.count)
            }
            if count > 0 { return .record(count) }
            if count == 0 { return .end }
            let code = errno
            if code == EINTR { continue }
            // EINVAL: the record is larger than the buffer.
            if code == EINVAL, buffer.grow() { continue }
            return Self.outcome(of: code)
        }
    }

    /// Sorts an `errno` into what it means for a reader of the log.
    static func outcome(of code: Int32) -> Outcome {
        switch code {
        case EAGAIN: .end
        case EPIPE: .overrun
        default: .failed(code)
        }
    }
}
