import Signals
import Testing

@testable import Enforcement

@Suite("The mark that travels with a VM")
struct HoldMarkTests {
    private func lease(_ knob: Knob, _ before: Setting, _ set: Setting, pending: Setting? = nil) -> Lease {
        let now = Lease.Moment(wall: 1_000_000_000, boot: Bench.start)
        var lease = Lease(order: Bench.order(), knob: knob, before: before, pending: set, now: now, bootID: "b")
        lease.set = set
        lease.pending = pending
        return lease
    }

    private func leases() -> [Lease] {
        [
            lease(.vcpuQuota, .quota(Bench.free), .quota(Bench.share(0.5)), pending: .quota(Bench.share(0.3))),
            lease(.receive("vnet3"), .bandwidth(Bandwidth()), .bandwidth(Bandwidth(average: 64))),
            lease(.cacheGroup, .cacheGroup(""), .cacheGroup(CacheGroups.quarantine)),
            lease(.disk("vda"), .disk(DiskLimit()), .disk(DiskLimit(["total_bytes": 9]))),
        ]
    }

    private func mark() throws -> HoldMark {
        try #require(HoldMark(leases(), interfaces: ["vnet3", "vnet4"], bootID: "here"))
    }

    @Test("A mark is read as it was written, with every value that may be in force")
    func roundTrip() throws {
        let mark = try mark()
        #expect(HoldMark(try mark.text()) == mark)
        #expect(mark.entries[0].set == [.quota(Bench.share(0.5)), .quota(Bench.share(0.3))])
        #expect(mark.entries[0].until == 301_000_000_000)
        #expect(HoldMark([], interfaces: [], bootID: "here") == nil)
    }

    @Test(
        "What is no mark is none",
        arguments: ["", "{}", "[1]", "null", #"{"v":1,"boot":"b","interfaces":[],"entries":[{}]}"#]
    )
    func garbage(text: String) { #expect(HoldMark(text) == nil) }

    @Test("A mark of another format, with a setting that its knob never has, or too long is none")
    func bad() throws {
        var newer = try mark()
        newer.v = 2
        #expect(HoldMark(try newer.text()) == nil)
        var wrong = try mark()
        wrong.entries[0].before = .link(true)
        #expect(HoldMark(try wrong.text()) == nil)
        var long = try mark()
        long.boot = String(repeating: "b", count: HoldMark.longest)
        #expect(HoldMark(try long.text()) == nil)
        long.boot = ""
        let spare = HoldMark.longest - (try long.text()).utf8.count
        long.boot = String(repeating: "b", count: spare)
        #expect(HoldMark(try long.text()) == long)
    }

    @Test("Interfaces are found by their place, and what does not travel is left out")
    func places() throws {
        let mark = try mark()
        var parts = VMParts(vcpus: 2)
        parts.interfaces = [.init(device: "tap9"), .init(device: "tap10")]
        parts.disks = ["vda"]
        #expect(mark.entries.map { mark.local($0, parts) } == [.vcpuQuota, .receive("tap9"), nil, .disk("vda")])
        parts.interfaces = []
        parts.disks = ["vdb"]
        #expect(mark.entries.map { mark.local($0, parts) } == [.vcpuQuota, nil, nil, nil])
    }

    @Test("Every kind of setting is written and read as it is")
    func settings() throws {
        let all: [(Knob, Setting)] = [
            (.cpuShares, .shares(1_024)), (.memorySoftLimit, .memory(nil)), (.memorySoftLimit, .memory(7)),
            (.balloon, .balloon(9)), (.vcpuPins, .pins([CPUSet([0, 2]), CPUSet()])), (.link("v"), .link(false)),
            (.filter("v"), .filter(nil)),
            (.filter("v"), .filter(NetworkFilter(name: "f", parameters: [.init(name: "IP", value: "1.2.3.4")]))),
            (.power, .power(.running)), (.power, .power(.paused)), (.power, .power(.other("crashed \"x\""))),
            (.gpuPower("g"), .milliwatts(70_000)), (.gpuClocks("g"), .clocks(GPUClocks(memory: 1, graphics: 2))),
            (.gpuSchedule("g"), .schedule(GPUSchedule(policy: 2, isAdaptive: true, parameters: [1, 2]))),
            (.transmit("v"), .bandwidth(Bandwidth(average: 1, peak: 2, burst: 3, floor: 4))),
        ]
        for (knob, setting) in all {
            let mark = try #require(HoldMark([lease(knob, setting, setting)], interfaces: [], bootID: "b"))
            #expect(HoldMark(try mark.text())?.entries.first?.before == setting, "\(knob)")
        }
    }
}
