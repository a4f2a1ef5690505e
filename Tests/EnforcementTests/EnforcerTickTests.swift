import Policy
import Signals
import Testing

@testable import Enforcement

/// What time brings: terms, drift and what an earlier daemon left.
@Suite("Enforcer over time")
struct EnforcerTickTests {
    let bench = Bench()

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    private func held(term: Double = 300) async throws -> Enforcer {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut([.hold(Bench.order(term: term))], now: Bench.at(0))
        return enforcer
    }

    // MARK: Terms

    @Test("A lease ends with its term, not before")
    func expires() async throws {
        let enforcer = try await held(term: 30)
        #expect(await enforcer.tick(now: Bench.at(29.999)).isEmpty)
        #expect(words(await enforcer.tick(now: Bench.at(30))) == ["released(expired)"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
    }

    @Test("A term longer than a day is cut to a day")
    func longestTerm() async throws {
        let enforcer = try await held(term: 1e18)
        #expect(await enforcer.tick(now: Bench.at(86_399)).isEmpty)
        #expect(words(await enforcer.tick(now: Bench.at(86_400))) == ["released(expired)"])
    }

    @Test("A wall clock that was set moves no term")
    func wallClock() async throws {
        let wall = Bench.Wall()
        let enforcer = Enforcer(
            ledger: try bench.ledger(),
            actuator: ScriptedActuator(world: bench.world),
            mode: .enforce,
            bootID: "boot-1",
            wallClock: { wall.now }
        )
        wall.now = .max
        _ = await enforcer.carryOut([.hold(Bench.order(term: 30))], now: Bench.at(0))
        wall.now = 0
        #expect(await enforcer.tick(now: Bench.at(29)).isEmpty)
        #expect(words(await enforcer.tick(now: Bench.at(31))) == ["released(expired)"])
    }

    @Test("A term that ends while libvirt is down is made good when it is up")
    func expiresWhileDown() async throws {
        let enforcer = try await held(term: 30)
        bench.world.script([.unavailable])
        #expect(words(await enforcer.tick(now: Bench.at(30))) == ["failed"])
        #expect(words(await enforcer.tick(now: Bench.at(31))) == ["released(expired)"])
    }

    // MARK: Drift

    @Test("A value that was reset is set again three times, then left alone")
    func reapplies() async throws {
        let enforcer = try await held()
        var log: [String] = []
        for second in 1...60 {
            bench.world.reset(Bench.a)
            log += words(await enforcer.tick(now: Bench.at(Double(second))))
        }
        #expect(log == ["adjusted", "adjusted", "adjusted", "handedOver"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A value that stands is looked at and left alone")
    func standsStill() async throws {
        let enforcer = try await held()
        let reads = bench.world.edit { $0.reads }
        for second in 1...10 { #expect(await enforcer.tick(now: Bench.at(Double(second))).isEmpty) }
        #expect(bench.world.edit { $0.reads } == reads + 10)
        #expect(bench.world.edit { $0.sets.count } == 1)
    }

    @Test("A person's value, one microsecond off, is left alone and handed over")
    func personsValue() async throws {
        let enforcer = try await held()
        bench.world.person(Bench.a, VCPUQuota(period: 100_000, quota: 50_001))
        #expect(words(await enforcer.tick(now: Bench.at(1))) == ["handedOver"])
        #expect(bench.world.quota(Bench.a) == VCPUQuota(period: 100_000, quota: 50_001))
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A value that cannot be read changes nothing")
    func unreadable() async throws {
        let enforcer = try await held()
        bench.world.script([.unavailable, .lost, .refuse])
        for second in 1...4 { #expect(await enforcer.tick(now: Bench.at(Double(second))).isEmpty) }
        #expect(bench.world.edit { $0.sets.count } == 1)
        #expect(await enforcer.leases.count == 1)
    }

    @Test("A reset is not set again where the ledger cannot be written")
    func driftWithFullDisk() async throws {
        let enforcer = try await held()
        bench.world.edit { state in
            state.reset(Bench.a, .vcpuQuota)
            state.diskFaults = [.write: .diskFull(path: "l")]
        }
        #expect(await enforcer.tick(now: Bench.at(1)).isEmpty)
        #expect(bench.world.edit { $0.sets.count } == 1)
        bench.world.edit { $0.diskFaults = [:] }
        #expect(words(await enforcer.tick(now: Bench.at(3))) == ["adjusted"])
    }

    @Test("A VM that went away ends its lease")
    func goesAway() async throws {
        let enforcer = try await held()
        bench.world.script([.vanish])
        #expect(words(await enforcer.tick(now: Bench.at(1))) == ["released(gone)"])
        #expect(await enforcer.leases.isEmpty)
    }

    // MARK: Recovery

    @Test("What an earlier daemon left is given back, in dry run too")
    func recovers() async throws {
        _ = try await held()
        let next = try bench.enforcer(mode: .dryRun)
        #expect(words(await next.recover(now: Bench.at(5))) == ["released(recovered)"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await next.recover(now: Bench.at(6)).isEmpty)
    }

    @Test("A lease of an earlier boot is closed without a call")
    func earlierBoot() async throws {
        _ = try await held()
        let next = try bench.enforcer(bootID: "boot-2")
        let reads = bench.world.edit { $0.reads }
        #expect(words(await next.recover(now: Bench.at(5))) == ["released(gone)"])
        #expect(bench.world.edit { $0.reads } == reads)
    }

    @Test("Recovery goes on by ticks until libvirt is up")
    func recoversLater() async throws {
        _ = try await held()
        let next = try bench.enforcer()
        bench.world.script([.unavailable, .unavailable, .unavailable])
        #expect(words(await next.recover(now: Bench.at(5))) == ["failed"])
        var log: [String] = []
        for second in 6...20 { log += words(await next.tick(now: Bench.at(Double(second)))) }
        #expect(log == ["released(recovered)"])
    }

    @Test("A lease that was left is not renewed while it waits to be given back")
    func noOrderWhileRecovering() async throws {
        _ = try await held()
        let next = try bench.enforcer()
        let first = await next.carryOut([.hold(Bench.order())], now: Bench.at(5))
        #expect(words(first) == ["failed", "released(recovered)"])
        #expect(await next.recover(now: Bench.at(6)).isEmpty)
        #expect(words(await next.carryOut([.hold(Bench.order())], now: Bench.at(7))) == ["granted"])
    }

    @Test("Without a daemon everything is given back by hand")
    func byHand() async throws {
        _ = try await held()
        let report = await LeaseRecovery.releaseAll(
            try bench.ledger(),
            actuator: ScriptedActuator(world: bench.world),
            bootID: "boot-1",
            now: Bench.at(5)
        )
        #expect(words(report.events) == ["released(operator)"])
        #expect(report.remaining.isEmpty)
        #expect(bench.world.quota(Bench.a) == Bench.free)
    }
}
