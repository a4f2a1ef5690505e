import Signals
import Testing

@Suite("RuleSelector")
struct RuleSelectorTests {
    private func record(tenant: Tenant, workloadClass: String = "standard") -> VMRecord {
        let identity = VMIdentity(uuid: VMUUID(high: 0, low: 1), generation: 1)
        return VMRecord(identity: identity, name: "vm", tenant: tenant, workloadClass: workloadClass)
    }

    @Test("An empty selector matches every VM")
    func empty() {
        #expect(RuleSelector().matches(record(tenant: .unknown)))
    }

    @Test("Class and tenant must both match")
    func both() {
        let selector = RuleSelector(classes: ["latency"], tenants: ["a"])
        #expect(selector.matches(record(tenant: .known("a"), workloadClass: "latency")))
        #expect(!selector.matches(record(tenant: .known("a"))))
        #expect(!selector.matches(record(tenant: .known("b"), workloadClass: "latency")))
    }

    @Test(
        "A VM of unknown or conflicting tenant matches no tenant list",
        arguments: [Tenant.unknown, .conflicting(["a"])]
    )
    func unknownTenant(tenant: Tenant) {
        #expect(!RuleSelector(tenants: ["a"]).matches(record(tenant: tenant)))
    }
}

@Suite("VCPUQuota")
struct VCPUQuotaTests {
    @Test(
        "All ways to write no limit are the same value",
        arguments: [nil, -1, 0, VCPUQuota.unlimitedFrom, 18_446_744_073_709_551, Int64.max, Int64.min]
    )
    func unlimited(quota: Int64?) {
        #expect(VCPUQuota(period: 100_000, quota: quota) == VCPUQuota(period: 100_000, quota: nil))
        #expect(VCPUQuota(period: 100_000, quota: quota).share == nil)
    }

    @Test("A limit is the share of quota in period")
    func share() {
        #expect(VCPUQuota(period: 100_000, quota: 20_000).share == 0.2)
        #expect(VCPUQuota(period: 100_000, quota: VCPUQuota.unlimitedFrom - 1).quota != nil)
        #expect(VCPUQuota(period: 0, quota: 20_000).share == nil)
    }
}

@Suite("MonotonicTime")
struct MonotonicTimeTests {
    @Test("Differences have a sign and moments never lie before boot")
    func arithmetic() {
        let early = MonotonicTime(seconds: 10)
        let late = early.advanced(bySeconds: 2.5)
        #expect(late.seconds(since: early) == 2.5)
        #expect(early.seconds(since: late) == -2.5)
        #expect(early.advanced(bySeconds: -20) == MonotonicTime(nanoseconds: 0))
        #expect(early < late)
    }

    @Test("Numbers out of range are bounded, not crashed on", arguments: [Double.infinity, -.infinity, .nan, 1e300])
    func bounds(seconds: Double) {
        let now = MonotonicTime(seconds: 10)
        #expect(now.advanced(bySeconds: seconds) >= MonotonicTime(nanoseconds: 0))
        #expect(MonotonicTime(seconds: seconds) >= MonotonicTime(nanoseconds: 0))
        #expect(now.advanced(bySeconds: .infinity) == MonotonicTime(nanoseconds: .max))
    }
}
