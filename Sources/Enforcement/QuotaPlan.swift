import Signals

/// Which limit an order asks for, given the limit that the VM had before.
struct QuotaPlan: Equatable {
    /// The least share of a vCPU's time that a VM is left with: below it guests fail rather than slow down.
    static let leastShare = 0.1
    /// The period in microseconds where the VM's own cannot be kept.
    static let usualPeriod: UInt64 = 100_000

    /// The limit to set.
    var quota: VCPUQuota
    /// Whether it is the VM's own limit, because that is as strict as the order or stricter.
    var isOwn: Bool

    /// The limit that holds each vCPU to a share of its time; `nil` for a cap that is no number above 0.
    ///
    /// The period stays as it was. The quota is at least 1,000 µs, the smallest that the kernel accepts, and at least
    /// ``leastShare`` of the period. A limit of the VM's own is never loosened.
    init?(cap: Double, before: VCPUQuota) {
        guard cap.isFinite, cap > 0 else { return nil }
        let period = (1_000...1_000_000).contains(before.period) ? before.period : Self.usualPeriod
        let share = min(1, max(Self.leastShare, cap))
        let quota = max(VCPUQuota.smallestQuota, Int64((share * Double(period)).rounded()))
        let asked = VCPUQuota(period: period, quota: quota)
        if let own = before.share, let wanted = asked.share, own <= wanted {
            self.quota = before
            isOwn = true
        } else {
            self.quota = asked
            isOwn = false
        }
    }

    /// The share that a limit really leaves, where a short period makes it differ from the one asked by 1 % or more.
    static func effectiveShare(of quota: VCPUQuota, asked cap: Double) -> Double {
        guard let share = quota.share, abs(share - cap) >= 0.01 else { return cap }
        return min(1, share)
    }
}
