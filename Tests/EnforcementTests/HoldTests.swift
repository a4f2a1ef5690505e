import Signals
import Testing

@testable import Enforcement

/// Holds of several knobs: what is set, what is told, and what comes of a knob that goes its own way.
@Suite("Holds of several knobs")
struct HoldTests {
    let bench = Bench()
    let vm = Bench.d

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    private func hold(_ enforcer: Enforcer, _ order: HoldOrder, at second: Double = 1) async -> [LeaseEvent] {
        await enforcer.carryOut([.hold(order)], now: Bench.at(second))
    }

    private func changes(_ events: [LeaseEvent]) -> [String] {
        events.flatMap { event -> [String] in
            switch event {
            case .granted(_, _, let changes), .adjusted(_, _, let changes): changes
            default: []
            }
        }
    }

    // MARK: What is set

    @Test(
        "Each kind of order sets the knobs of its kind and no other, and gives all of them back",
        arguments: OrderKind.all
    )
    func knobs(kind: OrderKind) async throws {
        let enforcer = try bench.enforcer()
        let before = bench.world.edit { $0.guests[vm]?.settings ?? [:] }
        #expect(words(await hold(enforcer, kind.order(vm))) == ["granted"])
        let leases = await enforcer.leases
        for knob in before.keys.sorted() {
            let isHeld = leases.contains { $0.knob == knob }
            let isChanged = bench.world.setting(vm, knob) != before[knob]
            #expect(isHeld == isChanged, "\(knob)")
            #expect(isHeld == kind.knobs.contains(knob), "\(knob)")
        }
        #expect(leases.allSatisfy { $0.hold == 1 && $0.pending == nil && $0.expires.boot == Bench.at(301) })
        #expect(bench.world.mark(vm) != nil)
        let events = await enforcer.carryOut([.release(kind.order(vm).key, .calm)], now: Bench.at(2))
        #expect(events == [.released(kind.order(vm).key, name: "vm-13", lease: 1, .calm)])
        #expect(bench.world.wrongs().isEmpty)
        #expect(bench.world.edit { $0.guests[vm]?.settings } == before)
    }

    @Test(
        "All leases are on disk and the mark is on before the first knob is set; it is off after the last was given back"
    )
    func order() async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.log = [] }
        let order = Bench.order(vm, over: .network, .quarantine, links: .down)
        _ = await hold(enforcer, order)
        let log = bench.world.edit { $0.log }
        let first = try #require(log.firstIndex { $0.hasPrefix("set ") })
        let mark = try #require(log.firstIndex(of: "mark"))
        let sync = try #require(log.firstIndex(of: "synchronize"))
        #expect(sync < mark && mark < first)
        #expect(log[..<first].filter { $0 == "write" }.count <= 2)
        _ = await enforcer.carryOut([.release(order.key, .calm)], now: Bench.at(2))
        let all = bench.world.edit { $0.log }
        let off = try #require(all.lastIndex(of: "mark"))
        let last = try #require(all.lastIndex { $0.hasPrefix("set ") })
        let close = try #require(all.lastIndex(of: "synchronize"))
        #expect(last < off && off < close)
    }

    @Test("A step to quarantine keeps what the throttle set; one back to a throttle gives the rest back")
    func steps() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, Bench.order(vm, over: .disk, .throttle(0.5)))
        #expect(words(await hold(enforcer, Bench.order(vm, over: .disk, .quarantine), at: 2)) == ["adjusted"])
        #expect(bench.world.setting(vm, .disk("vda")) != .disk(DiskLimit()))
        #expect(bench.world.setting(vm, .cacheGroup) == .cacheGroup(CacheGroups.quarantine))
        #expect(words(await hold(enforcer, Bench.order(vm, over: .disk, .throttle(0.5)), at: 3)) == ["adjusted"])
        #expect(bench.world.setting(vm, .cacheGroup) == .cacheGroup(""))
        #expect(await Set(enforcer.leases.map(\.knob)) == [.disk("vda"), .disk("vdb")])
    }

    @Test("A guest without a known size of memory gets no soft limit")
    func noMemory() async throws {
        bench.world.edit { $0.guests[vm]?.parts.memory = 0 }
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, Bench.order(vm, over: .memory, .throttle(0.5)))
        #expect(bench.world.setting(vm, .memorySoftLimit) == .memory(nil))
    }

    @Test("A balloon that is on its way is Quell's, and comes back all the way")
    func balloon() async throws {
        bench.world.edit { $0.slowBalloons = true }
        let enforcer = try bench.enforcer()
        let order = Bench.order(vm, over: .memory, .throttle(0.5))
        #expect(words(await hold(enforcer, order)) == ["granted"])
        #expect(await enforcer.tick(now: Bench.at(2)).isEmpty)
        bench.world.move(to: Bench.at(3))
        #expect(await enforcer.tick(now: Bench.at(3)).isEmpty)
        #expect(words(await enforcer.carryOut([.release(order.key, .calm)], now: Bench.at(4))) == ["released(calm)"])
        bench.world.move(to: Bench.at(5))
        #expect(bench.world.wrongs().isEmpty)
    }

    // MARK: Partial failure

    @Test(
        "A knob that cannot be set is told and left; the others hold",
        arguments: OrderKind.all.filter { $0.knobs.count > 1 }
    )
    func partial(kind: OrderKind) async throws {
        for knob in kind.knobs {
            let bench = Bench()
            let enforcer = try bench.enforcer()
            bench.world.edit { $0.refused[knob] = "no class of service is free" }
            let events = await hold(enforcer, kind.order(vm))
            #expect(words(events) == ["granted"], "\(knob)")
            #expect(changes(events).contains { $0.hasPrefix("\(knob): ") && $0.contains("no class of service") })
            #expect(await Set(enforcer.leases.map(\.knob)) == kind.knobs.subtracting([knob]))
            _ = await enforcer.releaseAll(.shutdown, now: Bench.at(2))
            #expect(bench.world.wrongs().isEmpty)
        }
    }

    @Test("Where no knob can be set the order fails and nothing is left", arguments: OrderKind.all)
    func refused(kind: OrderKind) async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { state in for knob in kind.knobs { state.refused[knob] = "no" } }
        #expect(words(await hold(enforcer, kind.order(vm))) == ["failed"])
        #expect(await enforcer.leases.isEmpty)
        #expect(bench.world.wrongs().isEmpty)
    }

    // MARK: Somebody else's settings

    @Test(
        "A person's value on any knob ends the hold; it stays, and all others are given back",
        arguments: OrderKind.all
    )
    func foreign(kind: OrderKind) async throws {
        for knob in kind.knobs.sorted() {
            let bench = Bench()
            let enforcer = try bench.enforcer()
            _ = await hold(enforcer, kind.order(vm))
            guard let theirs = knob.personal(7_777) else { continue }
            bench.world.person(vm, knob, theirs)
            let events = await enforcer.tick(now: Bench.at(2))
            #expect(words(events) == ["handedOver"], "\(knob)")
            #expect(bench.world.setting(vm, knob) == theirs, "\(knob)")
            #expect(await enforcer.leases.isEmpty)
            #expect(bench.world.wrongs().isEmpty, "\(knob)")
        }
    }

    @Test(
        "What libvirt, systemd or a driver resets is set again; what only a person takes back is theirs",
        arguments: OrderKind.all
    )
    func reset(kind: OrderKind) async throws {
        for knob in kind.knobs.sorted() {
            let bench = Bench()
            let enforcer = try bench.enforcer()
            _ = await hold(enforcer, kind.order(vm))
            let held = bench.world.setting(vm, knob)
            bench.world.reset(vm, knob)
            let events = words(await enforcer.tick(now: Bench.at(2)))
            // A balloon that is as before may still be on its way.
            let expected = knob == .balloon ? [] : [knob.isOftenReset ? "adjusted" : "handedOver"]
            #expect(events == expected, "\(knob)")
            #expect((bench.world.setting(vm, knob) == held) == knob.isOftenReset, "\(knob)")
            _ = await enforcer.releaseAll(.shutdown, now: Bench.at(3))
            #expect(bench.world.wrongs().isEmpty, "\(knob)")
        }
    }

    // MARK: Parts that go

    @Test("A disk that is taken off while it is held leaves the hold to the others")
    func unplugged() async throws {
        let enforcer = try bench.enforcer()
        let order = Bench.order(vm, over: .disk, .throttle(0.5))
        _ = await hold(enforcer, order)
        bench.world.unplug(vm, "vda")
        #expect(await enforcer.tick(now: Bench.at(2)).isEmpty)
        #expect(await enforcer.leases.map(\.knob) == [.disk("vdb")])
        bench.world.unplug(vm, "vdb")
        #expect(words(await enforcer.tick(now: Bench.at(3))) == ["released(gone)"])
        #expect(await enforcer.leases.isEmpty)
        #expect(bench.world.mark(vm) == nil)
    }

    @Test("A VM that is started again is another: its hold ends and nothing of the new start is touched")
    func restarted() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, Bench.order(vm, over: .network, .quarantine, links: .isolate))
        bench.world.restart(vm)
        let sets = bench.world.edit { $0.sets.count }
        #expect(words(await enforcer.tick(now: Bench.at(2))) == ["released(gone)"])
        #expect(bench.world.edit { $0.sets.count } == sets)
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("An order under another name renames the hold")
    func renamed() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, Bench.order(vm, over: .disk, .throttle(0.5)))
        var order = Bench.order(vm, over: .disk, .throttle(0.25))
        order.name = "db-2"
        _ = await hold(enforcer, order, at: 2)
        let events = await enforcer.carryOut([.release(order.key, .calm)], now: Bench.at(3))
        #expect(events == [.released(order.key, name: "db-2", lease: 1, .calm)])
    }
}

extension OrderKind {
    /// The knobs that its first step sets on the VM that has everything.
    var knobs: Set<Knob> {
        let gpu = "0000:3b:00.0"
        let quarantine: Set<Knob> = [.vcpuQuota, .vcpuPins, .emulatorPins, .iothreadPins, .cacheGroup]
        switch (step, contention) {
        case (.suspend, _): return [.power]
        case (.quarantine, _):
            switch links {
            case .keep: return quarantine
            case .antiSpoof: return quarantine.union([.filter("vnet0")])
            case .isolate: return quarantine.union([.filter("vnet0"), .filter("vnet1")])
            case .down: return quarantine.union([.link("vnet0"), .link("vnet1")])
            }
        case (.throttle, .cpu), (.throttle, .busLock): return [.vcpuQuota]
        case (.throttle, .disk): return [.disk("vda"), .disk("vdb")]
        case (.throttle, .network):
            return [.receive("vnet0"), .receive("vnet1"), .transmit("vnet0"), .transmit("vnet1")]
        case (.throttle, .memory): return [.balloon, .memorySoftLimit]
        case (.throttle, .llc), (.throttle, .memoryBandwidth): return [.cacheGroup]
        case (.throttle, .gpu): return [.gpuClocks(gpu)]
        case (.throttle, .power): return [.gpuPower(gpu)]
        }
    }
}
