import Signals
import Testing

@testable import Enforcement

@Suite("What a knob is set to")
struct KnobPlanTests {
    // MARK: Disks

    @Test("A disk without limits gets one of bytes and one of operations, with a short burst of twice as much")
    func freeDisk() {
        let limit = DiskPlan.limit(bytes: 10_000_000, ops: 200, own: DiskLimit())
        #expect(
            limit.values == [
                "total_bytes": 10_000_000, "total_bytes_max": 20_000_000, "total_bytes_max_length": 2,
                "total_iops": 200, "total_iops_max": 400, "total_iops_max_length": 2,
            ]
        )
    }

    @Test("What is 0 is not limited")
    func halfRead() {
        #expect(DiskPlan.limit(bytes: 0, ops: 200, own: DiskLimit())["total_bytes"] == 0)
        #expect(DiskPlan.limit(bytes: 0, ops: 0, own: DiskLimit()).isNone)
    }

    @Test("A VM's own limits keep their form, their group and their bursts, and are never loosened")
    func ownDisk() {
        let own = DiskLimit(
            [
                "read_bytes": 5_000_000, "write_bytes": 50_000_000, "write_bytes_max": 90_000_000,
                "write_bytes_max_length": 10, "total_iops": 100, "total_iops_max": 1_000, "size_iops": 4_096,
            ],
            group: "tenant"
        )
        let limit = DiskPlan.limit(bytes: 10_000_000, ops: 200, own: own)
        #expect(limit["read_bytes"] == 5_000_000)
        #expect(limit["write_bytes"] == 10_000_000)
        #expect(limit["write_bytes_max"] == 20_000_000)
        #expect(limit["write_bytes_max_length"] == 10)
        #expect(limit["total_bytes"] == 0)
        #expect(limit["total_iops"] == 100)
        #expect(limit["total_iops_max"] == 200)
        #expect(limit["size_iops"] == 4_096)
        #expect(limit.group == "tenant")
    }

    @Test("QEMU's rule, a burst at least as large as the rate, holds for any limits", arguments: 0..<200)
    func bursts(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var own = DiskLimit()
        for name in ["total_bytes", "read_iops", "write_iops"] where random.chance(0.6) {
            own[name] = UInt64.random(in: 1...1 << 40, using: &random)
            if random.chance(0.5) { own[name + "_max"] = UInt64.random(in: own[name]...1 << 41, using: &random) }
        }
        let asked = (UInt64.random(in: 0...1 << 40, using: &random), UInt64.random(in: 0...1 << 20, using: &random))
        let limit = DiskPlan.limit(bytes: asked.0, ops: asked.1, own: own)
        for (name, value) in limit.values where !name.contains("_max") {
            #expect(own[name] == 0 || value <= own[name])
            #expect(limit[name + "_max"] == 0 || limit[name + "_max"] >= value, "\(name) of \(limit)")
        }
        #expect(limit["total_bytes"] == 0 || limit["read_bytes"] == 0 && limit["write_bytes"] == 0)
    }

    @Test("Limits that are as strict already are left as they are")
    func strictDisk() {
        let own = Setting.disk(DiskLimit(["total_bytes": 1_000_000]))
        #expect(KnobPlan(.disk(bytes: 1_000_000, ops: 0), before: own) == .own)
        #expect(KnobPlan(.disk(bytes: 999_999, ops: 0), before: own) != .own)
    }

    // MARK: Interfaces

    @Test("An interface gets a rate in units of 1,000 B/s, rounded up, and never less than 64")
    func bandwidth() {
        #expect(
            KnobPlan(.bandwidth(1_000_001), before: .bandwidth(Bandwidth()))
                == .set(.bandwidth(Bandwidth(average: 1_001)))
        )
        #expect(KnobPlan(.bandwidth(0), before: .bandwidth(Bandwidth())) == .set(.bandwidth(Bandwidth(average: 64))))
        #expect(KnobPlan(.bandwidth(64_000), before: .bandwidth(Bandwidth(average: 64))) == .own)
    }

    @Test("An interface's own limit is never loosened; its peak and floor follow")
    func ownBandwidth() {
        let own = Bandwidth(average: 1_000, peak: 5_000, burst: 64, floor: 900)
        #expect(
            KnobPlan(.bandwidth(200_000), before: .bandwidth(own))
                == .set(.bandwidth(Bandwidth(average: 200, peak: 400, burst: 64, floor: 195)))
        )
        let huge = Bandwidth(average: .max, peak: .max)
        #expect(
            KnobPlan(.bandwidth(1e18), before: .bandwidth(huge))
                == .set(.bandwidth(Bandwidth(average: 4_000_000_000, peak: .max)))
        )
    }

    // MARK: Memory

    @Test("A balloon takes what the guest does not need, in whole pages, and leaves it a quarter at least")
    func balloon() {
        let before = Setting.balloon(1 << 30)
        #expect(KnobPlan(.memory(less: 1_000), before: before) == .own)
        #expect(KnobPlan(.memory(less: 4_096), before: before) == .set(.balloon(1 << 30 - 4_096)))
        #expect(KnobPlan(.memory(less: 5_000), before: before) == .set(.balloon(1 << 30 - 4_096)))
        #expect(KnobPlan(.memory(less: .max), before: before) == .set(.balloon(1 << 28)))
        #expect(KnobPlan(.memory(less: 4_096), before: .balloon(0)) == .own)
    }

    @Test("A soft limit of the VM's own that is lower is left")
    func softLimit() {
        let aim = HoldPlan.Aim.exactly(.memory(1 << 30))
        #expect(KnobPlan(aim, before: .memory(nil)) == .set(.memory(1 << 30)))
        #expect(KnobPlan(aim, before: .memory(1 << 30)) == .own)
        #expect(KnobPlan(aim, before: .memory(1 << 29)) == .own)
        #expect(KnobPlan(aim, before: .memory(1 << 31)) == .set(.memory(1 << 30)))
    }

    // MARK: The rest

    @Test("Against false addresses a filter of the VM's own is left, since it may be stricter; to isolate it is not")
    func filters() {
        let own = Setting.filter(NetworkFilter(name: "tenant-7"))
        #expect(KnobPlan(.exactly(.filter(.antiSpoof)), before: own) == .own)
        #expect(KnobPlan(.exactly(.filter(.antiSpoof)), before: .filter(nil)) == .set(.filter(.antiSpoof)))
        #expect(KnobPlan(.exactly(.filter(.isolate)), before: own) == .set(.filter(.isolate)))
        #expect(KnobPlan(.exactly(.filter(.isolate)), before: .filter(.isolate)) == .own)
    }

    @Test("A cache group of somebody else's is left")
    func cacheGroups() {
        let aim = HoldPlan.Aim.exactly(.cacheGroup(CacheGroups.quarantine))
        #expect(KnobPlan(aim, before: .cacheGroup("")) == .set(.cacheGroup(CacheGroups.quarantine)))
        #expect(KnobPlan(aim, before: .cacheGroup(CacheGroups.throttled)) == .set(.cacheGroup(CacheGroups.quarantine)))
        guard case .impossible = KnobPlan(aim, before: .cacheGroup("qemu-7-x-vcpus_0")) else {
            Issue.record("a foreign group was planned over")
            return
        }
    }

    @Test("A VM that is stopped already is not suspended")
    func power() {
        let aim = HoldPlan.Aim.exactly(.power(.paused))
        #expect(KnobPlan(aim, before: .power(.running)) == .set(.power(.paused)))
        #expect(KnobPlan(aim, before: .power(.paused)) == .own)
        guard case .impossible = KnobPlan(aim, before: .power(.other("I/O error"))) else {
            Issue.record("a stop of somebody else's was planned over")
            return
        }
    }

    @Test("A setting of another kind is never planned over")
    func kinds() {
        for aim in [HoldPlan.Aim.cpu(0.5), .disk(bytes: 1, ops: 1), .bandwidth(1), .memory(less: 1)] {
            guard case .impossible = KnobPlan(aim, before: .link(true)) else {
                Issue.record("\(aim) was planned over a link")
                return
            }
        }
    }
}
