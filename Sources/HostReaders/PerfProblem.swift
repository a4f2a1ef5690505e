internal import Glibc

/// Why performance counters cannot be had.
public enum PerfProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The CPU has no counters, or shows none to a virtual machine (`ENOENT`, `EOPNOTSUPP`).
    case noCounters
    /// This one CPU is offline (`ENODEV`).
    case offline
    /// The kernel has no perf events (`ENOSYS`).
    case noPerf
    /// The process may not count what others do (`EACCES`, `EPERM`).
    case denied
    /// No descriptor or no memory is left (`EMFILE`, `ENFILE`, `ENOMEM`).
    case exhausted(Int32)
    /// The cgroup is gone or cannot be counted by.
    case noGroup
    /// Anything else, by its `errno`.
    case failed(Int32)

    /// Sorts an `errno` of `perf_event_open`.
    ///
    /// - Parameter code: The `errno`.
    init(errno code: Int32) {
        switch code {
        case ENOENT, EOPNOTSUPP, ENXIO: self = .noCounters
        case ENODEV: self = .offline
        case ENOSYS: self = .noPerf
        case EACCES, EPERM: self = .denied
        case EMFILE, ENFILE, ENOMEM, ENOSPC: self = .exhausted(code)
        case EBADF: self = .noGroup
        default: self = .failed(code)
        }
    }

    /// The problem for people.
    public var description: String {
        switch self {
        case .noCounters: "the CPU's performance counters are not there, as in most virtual machines"
        case .offline: "the CPU is offline"
        case .noPerf: "the kernel has no perf events"
        case .denied: "the agent may not count what other processes do (CAP_PERFMON, kernel.perf_event_paranoid)"
        case .exhausted(let code): "no descriptor or memory is left for counters (errno \(code))"
        case .noGroup: "the VM has no cgroup that events are counted by"
        case .failed(let code): "perf_event_open failed with errno \(code)"
        }
    }

    /// Whether it is the host's, so that trying it with another VM is of no use.
    public var isOfHost: Bool {
        switch self {
        case .noCounters, .noPerf, .denied: true
        case .offline, .exhausted, .noGroup, .failed: false
        }
    }
}
