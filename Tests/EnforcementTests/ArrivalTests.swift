import Policy
import Signals
import Testing

@testable import Enforcement

/// VMs that come from another host with what it held them by, and VMs that leave.
@Suite("Arrivals")
struct ArrivalTests {
    let bench = Bench()
    let vm = Bench.arrived

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    private func arrive(_ enforcer: Enforcer, at second: Double = 1) async -> [String] {
        words(await enforcer.arrive(vm, name: "vm-13", vcpus: 4, now: Bench.at(second)))
    }

    // MARK: Taking up

    @Test("What a VM was held by elsewhere is taken up as it is, under leases that know what was before")
    func takesUp() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        let before = bench.world.edit { $0.guests[vm]?.settings }
        #expect(await arrive(enforcer) == ["granted", "granted"])
        #expect(bench.world.edit { $0.sets }.isEmpty)
        #expect(bench.world.edit { $0.guests[vm]?.settings } == before)
        let leases = await enforcer.leases
        #expect(Set(leases.map(\.hold)).count == 2)
        #expect(leases.allSatisfy { $0.origin == .arrived && $0.pending == nil && $0.bootID == "boot-1" })
        #expect(leases.contains { $0.knob == .filter("vnet1-here") && $0.before == World.Guest.filtered })
        #expect(try #require(bench.world.mark(vm)).contains("boot-1"))
    }

    @Test("It is taken up once, and let go as a whole")
    func once() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        _ = await arrive(enforcer)
        #expect(await arrive(enforcer).isEmpty)
        let events = await enforcer.release(uuid: vm.uuid, .operatorRequest, now: Bench.at(3))
        #expect(words(events) == ["released(operator)", "released(operator)"])
        #expect(bench.world.wrongs().isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("An order over the same thing goes on from what was before it came")
    func goesOn() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        _ = await arrive(enforcer)
        let order = Bench.order(vm, over: .disk, .throttle(0.25))
        #expect(words(await enforcer.carryOut([.hold(order)], now: Bench.at(2))) == ["adjusted"])
        #expect(words(await enforcer.carryOut([.release(order.key, .calm)], now: Bench.at(3))) == ["released(calm)"])
        #expect(bench.world.setting(vm, .disk("vda")) == .disk(DiskLimit()))
    }

    @Test(
        "The term that is left counts on; one that is over ends within a second",
        arguments: [600, -5, -1e9] as [Double]
    )
    func terms(left: Double) async throws {
        try await bench.arrive()
        let wall = Bench.Wall()
        wall.now = 1_700_000_000_000_000_000 + Int64((300 - left) * 1e9)
        let enforcer = try bench.enforcer(wall: wall)
        _ = await arrive(enforcer)
        let term = min(86_400, max(1, left))
        #expect(await enforcer.tick(now: Bench.at(1 + term - 0.5)).isEmpty)
        #expect(words(await enforcer.tick(now: Bench.at(1 + term))) == ["released(expired)", "released(expired)"])
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("A setting that somebody changed on the way is left alone")
    func changedOnTheWay() async throws {
        try await bench.arrive()
        bench.world.person(vm, .disk("vda"), .disk(DiskLimit(["total_bytes": 77])))
        let enforcer = try bench.enforcer()
        _ = await arrive(enforcer)
        #expect(await !enforcer.leases.contains { $0.knob == .disk("vda") })
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(2))
        #expect(bench.world.setting(vm, .disk("vda")) == .disk(DiskLimit(["total_bytes": 77])))
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("A VM that has nothing of what its mark says loses the mark and is not held")
    func staleMark() async throws {
        try await bench.arrive()
        bench.world.edit { state in
            let settings = state.rightfulSettings(of: vm)
            state.guests[vm]?.settings = settings
        }
        let enforcer = try bench.enforcer()
        #expect(await arrive(enforcer).isEmpty)
        #expect(bench.world.mark(vm) == nil)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test(
        "Pins are given back on the CPUs that this host has; all of them where it has none of those",
        arguments: [4, 50]
    )
    func fewerCPUs(first: Int) async throws {
        try await bench.arrive()
        let here = CPUSet(first..<first + 4)
        bench.world.edit { $0.guests[vm]?.parts.hostCPUs = here }
        let enforcer = try bench.enforcer()
        _ = await arrive(enforcer)
        let leases = await enforcer.leases
        #expect(leases.filter { $0.knob == .vcpuPins }.map(\.before) == [.pins([here, here, here, here])])
        #expect(leases.filter { $0.knob == .emulatorPins }.map(\.before) == [.pins([here])])
    }

    @Test("A knob that cannot be read at first comes under a lease, and is given back once it can")
    func unreadable() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        bench.world.script(.knob(.disk("vda")), [.refuse])
        _ = await arrive(enforcer)
        #expect(await enforcer.leases.contains { $0.knob == .disk("vda") })
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(2))
        #expect(bench.world.wrongs().isEmpty)
    }

    // MARK: Letting go at once

    @Test("In dry run and while disarmed all of it is given back at once", arguments: [true, false])
    func givesBackAtOnce(isArmed: Bool) async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer(mode: isArmed ? .dryRun : .enforce, isArmed: isArmed)
        let reason = isArmed ? "policy" : "disarmed"
        let told = await arrive(enforcer).filter { $0 != "granted" }
        #expect(told == ["released(\(reason))", "released(\(reason))"])
        #expect(bench.world.wrongs().isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("Where no lease can be written all of it is given back, however long that takes")
    func fullDisk() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.diskFaults = [.write: .diskFull(path: "l"), .rename: .diskFull(path: "l")] }
        // The first look goes well, giving back does not.
        bench.world.script(.knob(.disk("vda")), [nil, .unavailable, .refuse, nil, .lost])
        #expect(await arrive(enforcer).contains("failed"))
        for second in stride(from: 2.0, through: 300, by: 2) {
            bench.world.move(to: Bench.at(second))
            _ = await enforcer.tick(now: Bench.at(second))
        }
        #expect(bench.world.wrongs().isEmpty)
    }

    // MARK: Trouble

    @Test("A hypervisor that is away is asked again, and nothing is ordered meanwhile")
    func away() async throws {
        try await bench.arrive()
        let enforcer = try bench.enforcer()
        bench.world.script(.mark, [.unavailable, .unavailable])
        #expect(await arrive(enforcer) == ["failed"])
        let order = Bench.order(vm, over: .disk, .throttle(0.1))
        #expect(words(await enforcer.carryOut([.hold(order)], now: Bench.at(1.5))) == ["failed"])
        for second in 2...20 { _ = await enforcer.tick(now: Bench.at(Double(second))) }
        #expect(await enforcer.leases.contains { $0.knob == .disk("vda") && $0.before == .disk(DiskLimit()) })
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(30))
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test(
        "A mark that is none of Quell's is told, left as it is, and nothing is done on its strength",
        arguments: [
            "", "hello", "{}", "[]", "null", #"{"v":1}"#, #"{"v":2,"boot":"b","interfaces":[],"entries":[]}"#,
            String(repeating: "[", count: 60_000), String(repeating: "x", count: 1 << 20),
            #"{"v":1,"boot":"b","interfaces":[],"entries":[{"knob":"power","before":{"quota":{"period":1}},"#
                + #""set":[{"power":"running"}],"contention":"cpu","step":"suspend","rule":"r","until":0}]}"#,
        ]
    )
    func garbage(text: String) async throws {
        try await bench.arrive(mark: text)
        let before = bench.world.edit { $0.guests[vm]?.settings }
        let enforcer = try bench.enforcer()
        #expect(await arrive(enforcer) == ["failed"])
        #expect(bench.world.edit { $0.guests[vm]?.settings } == before)
        #expect(bench.world.mark(vm) == text)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A mark whose numbers are out of range moves no clock over its end")
    func hugeTerm() async throws {
        for until in [Int64.max, .min] {
            let bench = Bench()
            try await bench.arrive()
            bench.world.edit { state in
                let mark = state.guests[vm]?.mark?.replacing("1700000300000000000", with: "\(until)")
                state.guests[vm]?.mark = mark
            }
            let enforcer = try bench.enforcer()
            _ = await arrive(enforcer)
            #expect(await enforcer.leases.allSatisfy { $0.expires.boot <= Bench.at(86_401) })
            _ = await enforcer.tick(now: Bench.at(86_402))
            #expect(bench.world.wrongs().isEmpty)
        }
    }

    // MARK: Leaving

    @Test("A VM that leaves while it is held ends its leases, and GPUs that stay have what they had")
    func leaves() async throws {
        let enforcer = try bench.enforcer()
        let orders = Bench.orders + [Bench.order(Bench.d, over: .power, .throttle(0.5))]
        _ = await enforcer.carryOut(orders.map { .hold($0) }, now: Bench.at(1))
        bench.world.depart(Bench.d)
        let events = words(await enforcer.tick(now: Bench.at(2)))
        #expect(events.allSatisfy { $0.hasPrefix("released") } && events.count == 3, "\(events)")
        #expect(await enforcer.leases.isEmpty)
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("A VM that is let go before it leaves takes nothing along")
    func letGoBefore() async throws {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut(Bench.orders.map { .hold($0) }, now: Bench.at(1))
        let events = await enforcer.release(uuid: Bench.d.uuid, .operatorRequest, now: Bench.at(2))
        #expect(words(events) == ["released(operator)", "released(operator)"])
        #expect(bench.world.wrongs().isEmpty)
    }
}

extension World.Guest {
    /// The filter that the VM that has everything has on its second interface.
    static var filtered: Setting? { World.Guest.full.settings[.filter("vnet1")] }
}

extension World.State {
    /// What a VM may be set to in the end.
    fileprivate func rightfulSettings(of vm: VMIdentity) -> [Knob: Setting] {
        var settings: [Knob: Setting] = [:]
        for (place, rightful) in rightful where place.vm == vm { settings[place.knob] = rightful.last }
        return settings
    }
}
