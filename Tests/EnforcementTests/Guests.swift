import Signals

@testable import Enforcement

extension World.Guest {
    /// A VM of two vCPUs and nothing else, with a limit of its quota.
    static func plain(_ quota: VCPUQuota) -> World.Guest {
        World.Guest(
            parts: VMParts(vcpus: 2),
            settings: [
                .vcpuQuota: .quota(quota), .emulatorQuota: .quota(Bench.free), .cpuShares: .shares(1_024),
                .memorySoftLimit: .memory(nil), .power: .power(.running), .cacheGroup: .cacheGroup(""),
                .vcpuPins: .pins([CPUSet(0..<8), CPUSet(0..<8)]), .emulatorPins: .pins([CPUSet(0..<8)]),
            ]
        )
    }

    /// A VM that has everything: two disks, two interfaces, an I/O thread, a balloon and a GPU of its own.
    ///
    /// Some of it is limited already: a disk, what an interface receives, and a filter.
    static var full: World.Guest {
        var guest = World.Guest.plain(Bench.free)
        guest.parts.vcpus = 4
        guest.parts.iothreads = 1
        guest.parts.disks = ["vda", "vdb"]
        guest.parts.interfaces = [.init(device: "vnet0"), .init(device: "vnet1")]
        guest.parts.memory = 8 << 30
        guest.parts.hasBalloon = true
        guest.parts.hostCPUs = CPUSet(0..<8)
        guest.parts.gpus = [.init(address: "0000:3b:00.0", isSole: true)]
        let all = CPUSet(0..<8)
        let more: [Knob: Setting] = [
            .iothreadQuota: .quota(Bench.free), .vcpuPins: .pins([all, all, all, all]), .iothreadPins: .pins([all]),
            .disk("vda"): .disk(DiskLimit()), .disk("vdb"): .disk(DiskLimit(["total_iops": 9_000], group: "shared")),
            .receive("vnet0"): .bandwidth(Bandwidth()),
            .receive("vnet1"): .bandwidth(Bandwidth(average: 90_000, burst: 64, floor: 1_000)),
            .transmit("vnet0"): .bandwidth(Bandwidth()), .transmit("vnet1"): .bandwidth(Bandwidth()),
            .link("vnet0"): .link(true), .link("vnet1"): .link(true), .filter("vnet0"): .filter(nil),
            .filter("vnet1"): .filter(
                NetworkFilter(name: "clean-traffic", parameters: [.init(name: "IP", value: "1.2.3.4")])
            ),
            .balloon: .balloon(8 << 30), .gpuPower("0000:3b:00.0"): .milliwatts(300_000),
            .gpuClocks("0000:3b:00.0"): .clocks(GPUClocks(memory: 1_215, graphics: 1_410)),
            .gpuSchedule("0000:3b:00.0"): .schedule(GPUSchedule(policy: 1)),
        ]
        guest.settings.merge(more) { _, new in new }
        return guest
    }
}
