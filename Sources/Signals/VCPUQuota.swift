/// The CPU bandwidth limit of each vCPU of a VM: `quota` microseconds of CPU time in every `period`.
///
/// libvirt calls the pair `vcpu_period` and `vcpu_quota` (`virDomainSetSchedulerParametersFlags`); the kernel's documents
/// are `admin-guide/cgroup-v2` (`cpu.max`) and `scheduler/sched-bwc`. It bounds the vCPU threads alone, so the emulator
/// and the I/O threads keep their headroom.
public struct VCPUQuota: Equatable, Sendable, Codable {
    /// The smallest quota that kernel and libvirt accept, in microseconds.
    public static let smallestQuota: Int64 = 1_000
    /// Quotas from here on mean no limit: libvirt writes an unlimited one as 2^64/1000 on cgroup v2.
    public static let unlimitedFrom: Int64 = 17_592_186_044_415

    /// The period in microseconds, 1,000 to 1,000,000.
    public let period: UInt64
    /// Microseconds of CPU time that each vCPU may use in a period; `nil` for no limit.
    public let quota: Int64?

    /// A limit; a quota below 0, of 0 or from ``unlimitedFrom`` on becomes no limit.
    ///
    /// - Parameters:
    ///   - period: The period in microseconds.
    ///   - quota: Microseconds of CPU time a period, or `nil` for no limit.
    public init(period: UInt64, quota: Int64?) {
        self.period = period
        if let quota, quota > 0, quota < Self.unlimitedFrom {
            self.quota = quota
        } else {
            self.quota = nil
        }
    }

    /// The share of its time that each vCPU may run; `nil` for no limit.
    public var share: Double? {
        guard let quota, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }
}

extension VCPUQuota: CustomStringConvertible {
    /// The limit as `quota/period µs`, or `unlimited`.
    public var description: String {
        quota.map { "\($0)/\(period) µs" } ?? "unlimited"
    }
}
