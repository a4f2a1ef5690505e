/// A file of one number, such as `memory.current`, v1 `memory.usage_in_bytes` or `cpuacct.usage`.
public struct SingleValue: Equatable, Sendable {
    /// The number; `nil` for `max` and for negative numbers, which both mean no limit.
    public var value: UInt64?

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is neither a number nor `max`.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        if Scan.word("max", Scan.newline, bytes, &index) { return }
        let negative = Scan.at(UInt8(ascii: "-"), bytes, index)
        if negative { index += 1 }
        guard let number = Scan.number(bytes, &index), bytes[index] == Scan.newline else { throw Malformed(at: 0) }
        value = negative ? nil : number
    }
}

/// The CPU limit of a cgroup, from v2 `cpu.max`: `quota period` or `max period`, in microseconds.
public struct CPUMax: Equatable, Sendable {
    /// Microseconds of CPU time in each period; `nil` for no limit.
    public var quota: UInt64?
    /// The period in microseconds.
    public var period: UInt64

    /// Reads the file.
    ///
    /// - Parameter bytes: The whole file.
    /// - Throws: Where it is malformed.
    public init(_ bytes: Span<UInt8>) throws(Malformed) {
        var index = 0
        if !Scan.word("max", Scan.space, bytes, &index) {
            guard let quota = Scan.field(bytes, &index) else { throw Malformed(at: 0) }
            self.quota = quota
        }
        guard let period = Scan.field(bytes, &index) else { throw Malformed(at: 0) }
        self.period = period
    }

    /// Joins the two files of v1, `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
    ///
    /// - Parameters:
    ///   - quota: The quota; without a value for no limit.
    ///   - period: The period in microseconds.
    public init(quota: SingleValue, period: UInt64) {
        self.quota = quota.value
        self.period = period
    }
}
