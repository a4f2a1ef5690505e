import Signals
import Testing

@testable import Enforcement

/// One VM held over two things that want the same knob.
@Suite("Overlapping holds")
struct OverlapTests {
    let bench = Bench()
    let vm = Bench.d
    let throttle = Bench.order(Bench.d, over: .cpu, .throttle(0.4))
    let quarantine = Bench.order(Bench.d, over: .network, .quarantine, links: .down)

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    /// Both holds, in an order.
    private func both(_ first: HoldOrder, _ second: HoldOrder) async throws -> Enforcer {
        let enforcer = try bench.enforcer()
        #expect(words(await enforcer.carryOut([.hold(first)], now: Bench.at(1))) == ["granted"])
        #expect(words(await enforcer.carryOut([.hold(second)], now: Bench.at(2))) == ["granted"])
        return enforcer
    }

    @Test("A knob that one hold has is left to it by the other, which tells so")
    func leaves() async throws {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut([.hold(throttle)], now: Bench.at(1))
        let events = await enforcer.carryOut([.hold(quarantine)], now: Bench.at(2))
        guard case .granted(_, lease: 2, let changes) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        #expect(changes.contains("vcpu-quota: it is set already over cpu"))
        #expect(bench.world.quota(vm) == Bench.share(0.4))
        let knobs = await enforcer.leases.filter { $0.hold == 2 }.map(\.knob)
        #expect(!knobs.contains(.vcpuQuota) && knobs.contains(.link("vnet0")))
    }

    @Test("The first is let go first: its knob is free, the second stays as it is")
    func firstGoes() async throws {
        let enforcer = try await both(throttle, quarantine)
        #expect(words(await enforcer.carryOut([.release(throttle.key, .calm)], now: Bench.at(3))) == ["released(calm)"])
        #expect(bench.world.quota(vm) == Bench.free)
        #expect(bench.world.setting(vm, .link("vnet0")) == .link(false))
        #expect(bench.world.mark(vm) != nil)
        #expect(
            words(await enforcer.carryOut([.release(quarantine.key, .calm)], now: Bench.at(4))) == ["released(calm)"]
        )
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("The second is let go first: the first keeps its knob")
    func secondGoes() async throws {
        let enforcer = try await both(throttle, quarantine)
        _ = await enforcer.carryOut([.release(quarantine.key, .calm)], now: Bench.at(3))
        #expect(bench.world.quota(vm) == Bench.share(0.4))
        #expect(bench.world.setting(vm, .link("vnet0")) == .link(true))
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(4))
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("A knob that came free is taken with the next order of the hold that stayed")
    func takesOver() async throws {
        let enforcer = try await both(throttle, quarantine)
        _ = await enforcer.carryOut([.release(throttle.key, .calm)], now: Bench.at(3))
        #expect(words(await enforcer.carryOut([.hold(quarantine)], now: Bench.at(4))) == ["adjusted"])
        #expect(bench.world.quota(vm) == Bench.share(0.2))
        #expect(await enforcer.leases.filter { $0.knob == .vcpuQuota }.map(\.before) == [.quota(Bench.free)])
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(5))
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("An order whose only knob another hold has fails, and that hold stays")
    func onlyKnob() async throws {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut([.hold(quarantine)], now: Bench.at(1))
        let leases = await enforcer.leases
        #expect(words(await enforcer.carryOut([.hold(throttle)], now: Bench.at(2))) == ["failed"])
        #expect(await enforcer.leases == leases)
        #expect(bench.world.quota(vm) == Bench.share(0.2))
    }

    @Test("A person's value under one hold ends that one alone")
    func foreignUnderOne() async throws {
        let enforcer = try await both(throttle, quarantine)
        bench.world.person(vm, Bench.share(0.77))
        #expect(words(await enforcer.tick(now: Bench.at(3))) == ["handedOver"])
        #expect(await Set(enforcer.leases.map(\.contention)) == [.network])
        _ = await enforcer.releaseAll(.shutdown, now: Bench.at(4))
        #expect(bench.world.quota(vm) == Bench.share(0.77))
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("Both are recovered by the next daemon, whichever VM or order they came in")
    func recovered() async throws {
        for pair in [(throttle, quarantine), (Bench.order(vm, over: .disk, .suspend), quarantine)] {
            do { _ = try await both(pair.0, pair.1) }
            let next = try bench.enforcer()
            #expect(words(await next.recover(now: Bench.at(5))) == ["released(recovered)", "released(recovered)"])
            #expect(bench.world.wrongs().isEmpty)
        }
    }
}
