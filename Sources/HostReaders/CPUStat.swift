/// CPU time and throttling of a cgroup, from `cpu.stat` of cgroup v2 or v1.
///
/// v2 (`admin-guide/cgroup-v2`) counts microseconds; `usage_usec` and its parts are there on every group, also where the
/// `cpu` controller is not enabled, `throttled_usec` only where it is. v1 (`scheduler/sched-bwc`) has `nr_periods`,
/// `nr_throttled` and `throttled_time` in nanoseconds and nothing else. All times are kept in nanoseconds.
public struct CPUStat: Equatable, Sendable {
    /// CPU time used; `nil` in v1.
    public var usage: UInt64?
    /// The part of it spent in user mode, guest time included; `nil` in v1.
    public var user: UInt64?
    /// The part of it spent in the kernel; `nil` in v1.
    public var system: UInt64?
    /// Periods in which the quota ran out; `nil` where the controller is not enabled.
    public var throttledPeriods: UInt64?
    /// Time for which the quota held the group back, summed over CPUs; `nil` where the controller is not enabled.
    public var throttled: UInt64?

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a known line is malformed, or no line is known.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        var known = false
        while index < bytes.count {
            if let value = try Scan.value(of: "usage_usec", bytes, &index) {
                usage = Scan.nanoseconds(microseconds: value)
            } else if let value = try Scan.value(of: "user_usec", bytes, &index) {
                user = Scan.nanoseconds(microseconds: value)
            } else if let value = try Scan.value(of: "system_usec", bytes, &index) {
                system = Scan.nanoseconds(microseconds: value)
            } else if let value = try Scan.value(of: "nr_throttled", bytes, &index) {
                throttledPeriods = value
            } else if let value = try Scan.value(of: "throttled_usec", bytes, &index) {
                throttled = Scan.nanoseconds(microseconds: value)
            } else if let value = try Scan.value(of: "throttled_time", bytes, &index) {
                throttled = value
            } else {
                Scan.skipLine(bytes, &index)
                continue
            }
            known = true
        }
        if !known { throw Malformed(at: 0) }
    }
}

/// User and kernel time of a v1 group, from `cpuacct.stat`, in clock ticks (`admin-guide/cgroup-v1/cpuacct`).
public struct CPUAcctStat: Equatable, Sendable {
    /// Ticks in user mode.
    public var user: UInt64
    /// Ticks in the kernel.
    public var system: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a line is malformed or missing.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        guard let user = try Scan.value(of: "user", bytes, &index),
            let system = try Scan.value(of: "system", bytes, &index)
        else { throw Malformed(at: index) }
        self.user = user
        self.system = system
    }
}
