import Signals
import Testing

@testable import Enforcement

/// Leases as values: plans, terms, undo commands, checksums.
@Suite("Lease")
struct LeaseTests {
    private func lease(name: String = "web-1", before: VCPUQuota = Bench.free) -> Lease {
        var order = Bench.order()
        order.name = name
        let now = Lease.Moment(wall: 0, boot: Bench.start)
        return Lease(
            order: order,
            knob: .vcpuQuota,
            before: .quota(before),
            pending: .quota(Bench.share(0.5)),
            now: now,
            bootID: "b"
        )
    }

    @Test("The checksum is CRC-32C (RFC 3720, B.4)")
    func checksum() {
        #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([]) == 0)
    }

    @Test("The undo commands name the value before")
    func undo() {
        #expect(lease().undoCommand == "quell release 00000000-0000-0001-0000-00000000000a")
        #expect(lease().undoWithoutQuell == "virsh schedinfo web-1 --live --set vcpu_quota=-1")
        let limited = lease(before: Bench.share(0.8)).undoWithoutQuell
        #expect(limited == "virsh schedinfo web-1 --live --set vcpu_quota=80000")
    }

    @Test("The period is undone where it could not be kept")
    func undoPeriod() {
        var changed = lease(before: VCPUQuota(period: 2_000_000, quota: nil))
        changed.set = .quota(Bench.share(0.5))
        #expect(
            changed.undoWithoutQuell == "virsh schedinfo web-1 --live --set vcpu_period=2000000 --set vcpu_quota=-1"
        )
    }

    @Test(
        "A name is quoted for the shell",
        arguments: [
            ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$(reboot)", "'$(reboot)'"), ("a;b", "'a;b'"), ("é", "'é'"),
            ("vm_1.x-2", "vm_1.x-2"), ("~root", "'~root'"),
        ]
    )
    func quoting(name: String, word: String) {
        #expect(lease(name: name).undoWithoutQuell?.hasPrefix("virsh schedinfo \(word) --live") == true)
    }

    @Test(
        "A name that virsh would take for something else gives way to the UUID",
        arguments: ["", "7", "-x", "+1", "a\nb", "a\u{1b}[2J", "00000000-0000-0001-0000-00000000000b"]
    )
    func hazardousNames(name: String) {
        let uuid = "00000000-0000-0001-0000-00000000000a"
        #expect(lease(name: name).undoWithoutQuell == "virsh schedinfo \(uuid) --live --set vcpu_quota=-1")
    }

    @Test("A term that is no number ends at once, a huge one after a day; no clock overflows")
    func terms() {
        let now = Lease.Moment(wall: .max, boot: Bench.start)
        #expect(now.later(bySeconds: .nan) == now)
        #expect(now.later(bySeconds: -5) == now)
        #expect(now.later(bySeconds: .greatestFiniteMagnitude).boot == Bench.at(86_400))
        #expect(now.later(bySeconds: 5).wall == .max)
    }

    @Test(
        "A plan keeps the period and both floors",
        arguments: [
            (0.35, 100_000, 35_000), (0.35, 50_000, 17_500), (0.01, 100_000, 10_000), (0.2, 2_000, 1_000),
            (1, 100_000, 100_000), (7, 100_000, 100_000), (0.5, 0, 50_000), (0.5, 5_000_000, 50_000),
        ] as [(Double, UInt64, Int64)]
    )
    func plans(cap: Double, period: UInt64, quota: Int64) throws {
        let plan = try #require(QuotaPlan(cap: cap, before: VCPUQuota(period: period, quota: nil)))
        #expect(plan.quota.quota == quota)
        #expect(plan.quota.period == (period == 0 || period > 1_000_000 ? 100_000 : period))
        #expect(!plan.isOwn)
    }

    @Test("A plan never loosens, and a cap that is no number has none")
    func planLimits() throws {
        #expect(try #require(QuotaPlan(cap: 0.5, before: Bench.share(0.4))).isOwn)
        #expect(try #require(QuotaPlan(cap: 0.5, before: Bench.share(0.5))).isOwn)
        #expect(try !#require(QuotaPlan(cap: 0.5, before: Bench.share(0.51))).isOwn)
        for cap in [0, -1, .nan, .infinity] as [Double] { #expect(QuotaPlan(cap: cap, before: Bench.free) == nil) }
    }

    @Test("Waits double to a minute and stay there")
    func backOff() {
        var backOff = BackOff()
        var waits: [Double] = []
        for _ in 1...9 {
            backOff.tried(at: Bench.start)
            waits.append(backOff.due.seconds(since: Bench.start))
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }
}
