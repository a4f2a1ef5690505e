import Policy
import Signals
import Testing

@testable import Enforcement

/// Who may hold a VM and when: dry run, a person's orders, the kill switch.
@Suite("Dry run, persons and the kill switch")
struct ArmingTests {
    let bench = Bench()
    let ladders = Bench.order(Bench.d, over: .network, .quarantine, links: .isolate)
    var persons: HoldOrder {
        var order = ladders
        order.origin = .person
        order.victim = nil
        return order
    }

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    private func hold(_ enforcer: Enforcer, _ order: HoldOrder, at second: Double = 1) async -> [String] {
        words(await enforcer.carryOut([.hold(order)], now: Bench.at(second)))
    }

    @Test("In dry run what a person orders is done, and what the ladder orders is told")
    func personInDryRun() async throws {
        let enforcer = try bench.enforcer(mode: .dryRun)
        #expect(await hold(enforcer, Bench.order(Bench.a)) == ["wouldThrottle"])
        #expect(await hold(enforcer, persons) == ["granted"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(bench.world.setting(Bench.d, .filter("vnet0")) == .filter(.isolate))
        #expect(await enforcer.leases.allSatisfy { $0.origin == .person && $0.victim == nil })
    }

    @Test(
        "The ladder cannot change what a person holds, in dry run or not",
        arguments: [PolicySet.Mode.enforce, .dryRun]
    )
    func ladderOverPerson(mode: PolicySet.Mode) async throws {
        let enforcer = try bench.enforcer(mode: mode)
        _ = await hold(enforcer, persons)
        #expect(await hold(enforcer, ladders, at: 2) == ["failed"])
        let events = await enforcer.release(uuid: Bench.d.uuid, .operatorRequest, now: Bench.at(3))
        #expect(words(events) == ["released(operator)"])
        #expect(bench.world.wrongs().isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A person's order takes the place of what was only told")
    func personOverRehearsal() async throws {
        let enforcer = try bench.enforcer(mode: .dryRun)
        _ = await hold(enforcer, ladders)
        #expect(await hold(enforcer, persons, at: 2) == ["granted"])
        let events = await enforcer.release(uuid: Bench.d.uuid, .operatorRequest, now: Bench.at(3))
        #expect(words(events) == ["released(operator)"])
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A change to dry run lets go what the ladder holds and keeps what a person does")
    func modeChange() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, persons)
        _ = await hold(enforcer, Bench.order(Bench.a), at: 2)
        #expect(words(await enforcer.adopt(.dryRun, now: Bench.at(3))) == ["released(policy)"])
        #expect(await Set(enforcer.leases.map(\.vm)) == [Bench.d])
    }

    @Test("A change to dry run while a VM is first looked at leaves it free", arguments: 0...1)
    func modeChangeMeanwhile(calls: Int) async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.goodCalls = calls }
        bench.world.script([.hang])
        let stuck = Task { await enforcer.carryOut([.hold(ladders)], now: Bench.at(1)) }
        while bench.world.edit({ $0.hanging.isEmpty }) { await Task.yield() }
        #expect(await enforcer.adopt(.dryRun, now: Bench.at(2)).isEmpty)
        bench.world.unhang()
        #expect(words(await stuck.value) == ["failed"])
        #expect(bench.world.edit { $0.sets }.isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("The kill switch lets everybody go, a person's too, and nobody is held until it is taken back")
    func disarmed() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, persons)
        _ = await hold(enforcer, Bench.order(Bench.a), at: 2)
        let events = await enforcer.setArmed(false, now: Bench.at(3))
        #expect(Set(words(events)) == ["released(disarmed)"] && events.count == 2)
        #expect(await hold(enforcer, ladders, at: 4) == ["failed"])
        #expect(await hold(enforcer, persons, at: 5) == ["failed"])
        #expect(bench.world.wrongs().isEmpty)
        #expect(await enforcer.setArmed(true, now: Bench.at(6)).isEmpty)
        #expect(await hold(enforcer, persons, at: 7) == ["granted"])
    }

    @Test("The kill switch stops a hold that is being made", arguments: 0...12)
    func disarmedMeanwhile(calls: Int) async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.goodCalls = calls }
        bench.world.script([.hang])
        let stuck = Task { await enforcer.carryOut([.hold(ladders)], now: Bench.at(1)) }
        while bench.world.edit({ $0.hanging.isEmpty }) { await Task.yield() }
        _ = await enforcer.setArmed(false, now: Bench.at(2))
        bench.world.unhang()
        _ = await stuck.value
        #expect(await enforcer.leases.isEmpty)
        #expect(bench.world.wrongs().isEmpty)
    }

    @Test("A daemon that starts disarmed gives back what the one before left")
    func recoversDisarmed() async throws {
        do { _ = await hold(try bench.enforcer(), ladders) }
        let next = try bench.enforcer(isArmed: false)
        #expect(words(await next.recover(now: Bench.at(5))) == ["released(recovered)"])
        #expect(bench.world.wrongs().isEmpty)
    }
}
