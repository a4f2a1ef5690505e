internal import CKernel
internal import Glibc

/// A directory that is held open, as `perf_event_open` wants a cgroup.
public struct CgroupHandle: ~Copyable {
    /// The descriptor, or −1.
    let descriptor: Int32

    /// Opens a cgroup's directory.
    ///
    /// The corresponding C function is `open`.
    ///
    /// - Parameter directory: The directory.
    /// - Throws: `noGroup` where it cannot be opened.
    public init(_ directory: String) throws(PerfProblem) {
        // SAFETY: the path is a NUL-terminated copy that outlives the call.
        let opened = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let code = errno
        guard opened >= 0 else { throw code == EMFILE || code == ENFILE ? .exhausted(code) : .noGroup }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

/// Three counters of one cgroup on one CPU, which the kernel puts on the hardware together and reads together.
///
/// It holds three descriptors. The cgroup's descendants are counted in it.
public struct PerfEventGroup: ~Copyable {
    private let descriptors: InlineArray<3, Int32>

    /// Begins to count.
    ///
    /// The corresponding C function is `perf_event_open`.
    ///
    /// - Parameters:
    ///   - events: What to count.
    ///   - cgroup: Whose.
    ///   - cpu: On which CPU.
    /// - Throws: Why it cannot be counted; nothing stays open then.
    public init(_ events: PerfEvents, of cgroup: borrowing CgroupHandle, on cpu: Int32) throws(PerfProblem) {
        var opened: InlineArray<3, Int32> = [-1, -1, -1]
        let wanted: InlineArray<3, PerfEvents.Event> = [events.cycles, events.instructions, events.misses]
        for place in 0..<3 {
            let event = wanted[place]
            let result = quell_perf_open(event.type, event.config, cgroup.descriptor, cpu, opened[0], 1)
            guard result >= 0 else {
                for other in 0..<place { close(opened[other]) }
                throw PerfProblem(errno: -result)
            }
            opened[place] = result
        }
        descriptors = opened
    }

    // The leader last, so that its siblings never become groups of their own.
    deinit {
        close(descriptors[2])
        close(descriptors[1])
        close(descriptors[0])
    }

    /// Reads the whole group at once.
    ///
    /// The corresponding C function is `read`.
    ///
    /// - Parameter buffer: Where the bytes go; they are for ``PerfReadout/init(_:)``.
    /// - Returns: What came of it.
    public func read(into buffer: inout ReadBuffer) -> ReadOutcome {
        // SAFETY: the kernel writes at most as many bytes as the buffer holds.
        let count = unsafe buffer.storage.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(descriptors[0], bytes.baseAddress, bytes.count)
        }
        return count < 0 ? KernelFile.outcome(of: errno) : .bytes(count)
    }
}
