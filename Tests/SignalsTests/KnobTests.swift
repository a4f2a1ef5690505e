import Foundation
import Signals
import Testing

@Suite("Knobs and settings")
struct KnobTests {
    private static let all: [Knob] = [
        .vcpuQuota, .emulatorQuota, .iothreadQuota, .cpuShares, .disk("vda"), .receive("vnet0"), .transmit("vnet0"),
        .memorySoftLimit, .balloon, .vcpuPins, .emulatorPins, .iothreadPins, .link("vnet0"), .filter("a:b"), .power,
        .cacheGroup, .gpuPower("0000:3b:00.0"), .gpuClocks("0000:3b:00.0"), .gpuSchedule("0000:3b:00.0"),
    ]

    @Test("Every knob comes back from its text and from JSON")
    func roundTrip() throws {
        for knob in Self.all { #expect(Knob(rawValue: knob.rawValue) == knob) }
        #expect(Set(Self.all.map(\.rawValue)).count == Self.all.count)
        let data = try JSONEncoder().encode(Self.all)
        #expect(try JSONDecoder().decode([Knob].self, from: data) == Self.all)
    }

    @Test(
        "A text that is no knob, or lacks the part that it needs, is none",
        arguments: [
            "", "disk", "disk:", ":vda", "vcpu-quota:1", "Power", "power ", "link", "no-such:part",
        ]
    )
    func unknown(text: String) {
        #expect(Knob(rawValue: text) == nil)
    }

    @Test("A list of CPUs comes back in its shortest form")
    func lists() throws {
        for (text, short) in [("0", "0"), ("0-3,8", "0-3,8"), ("3,2,1", "1-3"), ("5-5,5", "5"), ("8191", "8191")] {
            #expect(CPUSet(list: text)?.description == short)
        }
        let set = try #require(CPUSet(list: "0-2,70"))
        #expect(set.cpus == [0, 1, 2, 70] && set.contains(70) && !set.contains(3) && !set.contains(-1))
        #expect(set.intersection(CPUSet([2, 3, 70])).description == "2,70")
        #expect(CPUSet([-1, 8_192]).isEmpty && CPUSet([1, 64]) != CPUSet([1]))
        #expect(try JSONDecoder().decode(CPUSet.self, from: JSONEncoder().encode(set)) == set)
    }

    @Test(
        "What is no list of CPUs is refused",
        arguments: [
            "", ",", "1,", "a", "-1", "1-", "3-1", "1-2-3", "0-8192", "+1", " 1", "99999999999999999999",
        ]
    )
    func noList(text: String) {
        #expect(CPUSet(list: text) == nil)
    }

    @Test("Settings that mean none mean the same, others only where they are equal")
    func means() {
        let short = VCPUQuota(period: 50_000, quota: nil)
        let long = VCPUQuota(period: 100_000, quota: nil)
        #expect(Setting.quota(short).means(.quota(long)) && Setting.quota(short).isNone)
        let half = Setting.quota(VCPUQuota(period: 100_000, quota: 50_000))
        #expect(!half.means(.quota(long)) && half.means(half) && !half.isNone)
        #expect(Setting.disk(DiskLimit(["total_bytes": 0], group: "a")).means(.disk(DiskLimit())))
        #expect(!Setting.disk(DiskLimit(["total_bytes": 1], group: "a")).means(.disk(DiskLimit(["total_bytes": 1]))))
        #expect(Setting.bandwidth(Bandwidth(peak: 5)).means(.bandwidth(Bandwidth())))
        #expect(!Setting.bandwidth(Bandwidth(average: 5)).means(.bandwidth(Bandwidth())))
        #expect(Setting.memory(nil).isNone && !Setting.memory(0).isNone && !Setting.power(.running).isNone)
        #expect(!Setting.memory(1).means(.balloon(1)) && Setting.link(true).isNone && !Setting.link(false).isNone)
    }
}
