/// Memory of a cgroup by kind, from `memory.stat` of cgroup v2 or v1, children included.
public struct MemoryStat: Equatable, Sendable {
    /// Bytes of anonymous memory: v2 `anon`, v1 `total_rss`.
    public var anonymous: UInt64?
    /// Bytes of shared memory, where guests with `memfd` or `shm` backing live: v2 `shmem`, v1 `total_shmem`.
    public var shared: UInt64?
    /// Page faults that needed a read: v2 `pgmajfault`, v1 `total_pgmajfault`.
    public var majorFaults: UInt64?
    /// Bytes that were swapped out: v1 `total_swap`, there where swap is accounted; `nil` in v2, which has a file for it.
    public var swapped: UInt64?

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where a known line is malformed, or no line is known.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        // The v1 file opens with `cache`; its lines without `total_` leave the children out.
        var probe = 0
        if Scan.word("cache", Scan.space, bytes, &probe) {
            while index < bytes.count, anonymous == nil || shared == nil || majorFaults == nil {
                if !Scan.at(UInt8(ascii: "t"), bytes, index) {
                    Scan.skipLine(bytes, &index)
                } else if let value = try Scan.value(of: "total_rss", bytes, &index) {
                    anonymous = value
                } else if let value = try Scan.value(of: "total_shmem", bytes, &index) {
                    shared = value
                } else if let value = try Scan.value(of: "total_swap", bytes, &index) {
                    swapped = value
                } else if let value = try Scan.value(of: "total_pgmajfault", bytes, &index) {
                    majorFaults = value
                } else {
                    Scan.skipLine(bytes, &index)
                }
            }
        } else {
            while index < bytes.count, anonymous == nil || shared == nil || majorFaults == nil {
                if let value = try Scan.value(of: "anon", bytes, &index) {
                    anonymous = value
                } else if let value = try Scan.value(of: "shmem", bytes, &index) {
                    shared = value
                } else if let value = try Scan.value(of: "pgmajfault", bytes, &index) {
                    majorFaults = value
                } else {
                    Scan.skipLine(bytes, &index)
                }
            }
        }
        if anonymous == nil && shared == nil && majorFaults == nil { throw Malformed(at: 0) }
    }

    /// Bytes of guest and emulator memory: anonymous and shared, without the page cache of its disk images.
    public var resident: UInt64? {
        guard let anonymous else { return nil }
        let (sum, tooLarge) = anonymous.addingReportingOverflow(shared ?? 0)
        return tooLarge ? .max : sum
    }
}

/// Out-of-memory kills in a cgroup, from v2 `memory.events` or v1 `memory.oom_control` (there since Linux 4.13).
public struct OOMEvents: Equatable, Sendable {
    /// Processes killed; `nil` where the kernel does not count them.
    public var kills: UInt64?

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where the line is malformed.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        while index < bytes.count, kills == nil {
            if let value = try Scan.value(of: "oom_kill", bytes, &index) {
                kills = value
            } else {
                Scan.skipLine(bytes, &index)
            }
        }
    }
}
