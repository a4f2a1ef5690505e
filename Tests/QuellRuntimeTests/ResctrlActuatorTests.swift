import Enforcement
import Glibc
import HostReaders
import Signals
import Testing

@testable import QuellRuntime

@Suite("Cache groups of VMs")
struct ResctrlActuatorTests {
    private let vm = CacheTree.vm
    private let throttled = Setting.cacheGroup(CacheGroups.throttled)
    private let quarantine = Setting.cacheGroup(CacheGroups.quarantine)
    private let free = Setting.cacheGroup("")

    @Test("a VM is put into a group, between groups and back; groups are made when needed and gone when empty")
    func roundTrip() async throws {
        let host = CacheTree()
        let hand = host.actuator()
        #expect(try await hand.read(.cacheGroup, of: vm) == free)
        try await hand.set(.cacheGroup, to: throttled, of: vm)
        #expect(try await hand.read(.cacheGroup, of: vm) == throttled)
        #expect(Set(host.groups().values) == [CacheGroups.throttled])
        #expect(host.tree.schemata(of: CacheGroups.throttled)?.text == "MB:0=50;1=50\nL3:0=1f;1=1f\n")
        try await hand.set(.cacheGroup, to: quarantine, of: vm)
        #expect(try await hand.read(.cacheGroup, of: vm) == quarantine)
        #expect(host.tree.controls == ["", CacheGroups.quarantine])
        #expect(host.tree.schemata(of: CacheGroups.quarantine)?.text == "MB:0=10;1=10\nL3:0=1;1=1\n")
        try await hand.set(.cacheGroup, to: free, of: vm)
        #expect(try await hand.read(.cacheGroup, of: vm) == free)
        #expect(host.tree.controls == [""])
        #expect(host.tree.schemata(of: "")?.text == "MB:0=100;1=100\nL3:0=7ff;1=7ff\n")
    }

    @Test("a group stays while another VM is in it")
    func shared() async throws {
        let host = CacheTree()
        let other = VMUUID(high: 7, low: 7)
        host.addVM([800: ""], pid: 800, uuid: other)
        let hand = host.actuator()
        let second = VMIdentity(uuid: other, generation: 4_321)
        try await hand.set(.cacheGroup, to: throttled, of: vm)
        try await hand.set(.cacheGroup, to: throttled, of: second)
        try await hand.set(.cacheGroup, to: free, of: vm)
        #expect(try await hand.read(.cacheGroup, of: second) == throttled)
        #expect(host.tree.controls == ["", CacheGroups.throttled])
    }

    @Test("the main thread goes first, and a thread that is born meanwhile is found by the next pass")
    func born() async throws {
        let host = CacheTree(threads: [650: "", 700: "", 701: ""])
        host.behave { $0.births = [701: 999] }
        try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        #expect(host.moved == [700, 650, 701, 999])
        #expect(Set(host.groups().values) == [CacheGroups.throttled])
    }

    @Test("a VM that bears threads without end is given up, and none of it stays held")
    func breeding() async {
        let host = CacheTree()
        host.behave { $0.isBreeding = true }
        let error = await failure { () throws(ActuatorError) in
            try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        #expect(error == .refused("new threads were found outside of the group 16 times"))
        #expect(Set(host.groups().values) == [""])
        #expect(host.tree.controls == [""])
    }

    @Test("a thread that has ended needs no group")
    func ended() async throws {
        let host = CacheTree()
        host.behave { $0.ends = 702 }
        try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        #expect(host.moved == [700, 701, 703])
        #expect(host.groups().keys.sorted() == [700, 701, 703])
        #expect(Set(host.groups().values) == [CacheGroups.throttled])
    }

    @Test("a held VM with threads outside is brought in by the next look; strays are named until then")
    func strays() async throws {
        let host = CacheTree()
        let hand = host.actuator()
        #expect(try await hand.strays(of: vm).isEmpty)
        try await hand.set(.cacheGroup, to: throttled, of: vm)
        host.place(710, in: "")
        host.place(711, in: "")
        #expect(try await hand.strays(of: vm) == [710, 711])
        #expect(try await hand.read(.cacheGroup, of: vm) == throttled)
        #expect(Set(host.groups().values) == [CacheGroups.throttled])
        #expect(try await hand.strays(of: vm).isEmpty)
    }

    @Test("a move that was cut off between two groups reads as the one that most threads are in")
    func cutOff() async throws {
        let host = CacheTree()
        host.make(CacheGroups.throttled)
        host.make(CacheGroups.quarantine)
        for thread: Int32 in [700, 701, 702] { host.place(thread, in: CacheGroups.quarantine) }
        host.place(703, in: CacheGroups.throttled)
        #expect(try await host.actuator().read(.cacheGroup, of: vm) == quarantine)
        #expect(Set(host.groups().values) == [CacheGroups.quarantine])
    }

    @Test("a VM that somebody took out altogether reads as free, which means a reset")
    func reset() async throws {
        let host = CacheTree()
        let hand = host.actuator()
        try await hand.set(.cacheGroup, to: throttled, of: vm)
        for thread: Int32 in 700...703 { host.place(thread, in: "") }
        let found = try await hand.read(.cacheGroup, of: vm)
        #expect(found == free && found.isNone)
    }

    @Test(
        "a VM with a thread in somebody else's group is never touched",
        arguments: [
            ("qemu-2-db-vcpus_0-1", "libvirt"), ("web", "another manager"), ("/pqos-77", "another manager"),
            ("/qemu-2-db-vcpus_0", "libvirt"),
        ]
    )
    func foreign(group: String, owner: String) async throws {
        let host = CacheTree()
        if !group.hasPrefix("/") { host.make(group) }
        host.place(702, in: group)
        let hand = host.actuator()
        let name = group.hasPrefix("/") ? String(group.dropFirst()) : group
        let expected = ActuatorError.refused("threads of it are in the group \(name) of \(owner)")
        #expect(await failure { () throws(ActuatorError) in try await hand.read(.cacheGroup, of: vm) } == expected)
        for setting in [throttled, free] {
            let error = await failure { () throws(ActuatorError) in
                try await hand.set(.cacheGroup, to: setting, of: vm)
            }
            #expect(error == expected)
        }
        #expect(host.moved.isEmpty)
        let parts = await hand.complete(VMParts(vcpus: 2), of: vm)
        #expect(parts.cacheTrouble?.contains(name) == true)
    }

    @Test("a group of Quell's own monitoring is no stranger's")
    func ownMonitor() async throws {
        let host = CacheTree(threads: [700: "/quell-x", 701: "/quell-x"])
        try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        #expect(Set(host.groups().values) == [CacheGroups.throttled])
        #expect(await host.actuator().complete(VMParts(vcpus: 2), of: vm).cacheTrouble == nil)
    }

    @Test(
        "what there is none of to make a group with is named, and nothing is moved",
        arguments: [
            (ENOSPC, "Out of CLOSIDs\n", "no class of service is free: Out of CLOSIDs"),
            (ENOSPC, "", "no class of service is free: 1 are in use"),
            (ENOSPC, "Out of RMIDs\n", "no monitoring id is free: Out of RMIDs"),
            (ENOSPC, "No space on L3:0\n", "no way of a cache is free: No space on L3:0"),
            (EBUSY, "Out of RMIDs\n", "quell-throttled cannot be made: Device or resource busy (Out of RMIDs)"),
        ]
    )
    func full(code: Int32, status: String, expected: String) async {
        let host = CacheTree()
        host.behave { $0.make = (code, status) }
        let error = await failure { () throws(ActuatorError) in
            try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        #expect(error == .refused(expected))
        #expect(host.moved.isEmpty && host.tree.controls == [""])
    }

    @Test("schemata that the kernel does not take, or does not keep, leave no group and no VM in it")
    func schemata() async {
        let host = CacheTree()
        host.behave { $0.share = (EINVAL, "Overlaps with exclusive group\n") }
        let error = await failure { () throws(ActuatorError) in
            try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        let had = "quell-throttled cannot have L3:0=1f;1=1f MB:0=50;1=50"
        #expect(error == .refused("\(had): Invalid argument (Overlaps with exclusive group)"))
        #expect(host.moved.isEmpty && host.tree.controls == [""])
        let other = CacheTree()
        other.behave { $0.kept = "L3:0=1f;1=3f\nMB:0=50;1=50\n" }
        let second = await failure { () throws(ActuatorError) in
            try await other.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        #expect("\(String(describing: second))".contains("has L3:0=1f;1=3f"))
        #expect(other.moved.isEmpty && other.tree.controls == [""])
    }

    @Test("a thread that may not be moved leaves the VM where it was")
    func refused() async {
        let host = CacheTree()
        host.behave { $0.assign = [702: EPERM] }
        let error = await failure { () throws(ActuatorError) in
            try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        #expect(error == .refused("only root may put a VM's threads into a group"))
        #expect(Set(host.groups().values) == [""])
        #expect(host.tree.controls == [""])
    }

    @Test("a thread that cannot be moved back leaves no other behind, and that it stays is told")
    func stuck() async {
        let host = CacheTree()
        host.behave {
            $0.assign = [703: EINVAL]
            $0.stuck = 702
        }
        let error = await failure { () throws(ActuatorError) in
            try await host.actuator().set(.cacheGroup, to: throttled, of: vm)
        }
        #expect(error == .unknown("Invalid argument; some of its threads stay in the group"))
        #expect(host.groups() == [700: "", 701: "", 702: CacheGroups.throttled, 703: ""])
    }

    @Test("a VM that is gone, or another start of it, is told apart; a group that it left empty goes")
    func gone() async throws {
        let host = CacheTree()
        let hand = host.actuator()
        try await hand.set(.cacheGroup, to: throttled, of: vm)
        let later = VMIdentity(uuid: vm.uuid, generation: 9)
        #expect(
            await failure { () throws(ActuatorError) in try await hand.read(.cacheGroup, of: later) }
                == .generationChanged
        )
        host.end(700)
        #expect(await failure { () throws(ActuatorError) in try await hand.read(.cacheGroup, of: vm) } == .vmGone)
        #expect(host.tree.controls == [""])
    }

    @Test("other knobs, settings and groups are refused")
    func wrong() async {
        let host = CacheTree()
        let hand = host.actuator()
        for (knob, setting) in [
            (Knob.cacheGroup, Setting.shares(3)), (.cacheGroup, .cacheGroup("web")), (.cpuShares, throttled),
        ] {
            let error = await failure { () throws(ActuatorError) in
                try await hand.set(knob, to: setting, of: vm)
            }
            guard case .refused = error else {
                Issue.record("\(knob) to \(setting): \(String(describing: error))")
                continue
            }
        }
        let error = await failure { () throws(ActuatorError) in try await hand.read(.power, of: vm) }
        #expect(error == .refused("power is no knob of resctrl's"))
        #expect(host.moved.isEmpty)
    }

    @Test("a start that finds nobody held removes Quell's groups, and no others")
    func sweep() async {
        let host = CacheTree()
        host.make("web")
        host.make(CacheGroups.throttled)
        host.make(CacheGroups.quarantine)
        host.place(701, in: CacheGroups.throttled)
        #expect(await host.actuator(isRoot: false).sweep().isEmpty)
        #expect(await host.actuator().sweep() == [CacheGroups.quarantine, CacheGroups.throttled])
        #expect(host.tree.controls == ["", "web"])
        #expect(host.groups()[701] == "")
    }
}
