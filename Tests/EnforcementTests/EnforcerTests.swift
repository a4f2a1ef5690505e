import Policy
import Signals
import Testing

@testable import Enforcement

/// Throttling, releasing and dry run, with a hypervisor that does as it is told and one that does not.
@Suite("Enforcer")
struct EnforcerTests {
    let bench = Bench()

    private func words(_ events: [LeaseEvent]) -> [String] { events.map(\.word) }

    private func hold(_ enforcer: Enforcer, cap: Double = 0.5, at second: Double = 1) async -> [String] {
        words(await enforcer.carryOut([.hold(Bench.order(cap: cap))], now: Bench.at(second)))
    }

    // MARK: Throttle

    @Test(
        "An order over something that the VM does not have is refused, and nothing is set or written",
        arguments: [Contention.disk, .network, .memory, .gpu, .power]
    )
    func nothingToHold(contention: Contention) async throws {
        let enforcer = try bench.enforcer()
        let order = Bench.order(Bench.a, over: contention, .throttle(0.5))
        #expect(words(await enforcer.carryOut([.hold(order)], now: Bench.at(1))) == ["failed"])
        #expect(bench.world.edit { $0.sets.count + $0.markSets } == 0)
        #expect(bench.world.bytes("ledger") == nil)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A throttle is read back and on disk as confirmed")
    func throttles() async throws {
        let enforcer = try bench.enforcer()
        #expect(
            await enforcer.carryOut([.hold(Bench.order(cap: 0.35))], now: Bench.at(1))
                == [.granted(Bench.order(cap: 0.35), lease: 1, changes: ["vcpu-quota: unlimited → 35000/100000 µs"])]
        )
        #expect(bench.world.quota(Bench.a) == Bench.share(0.35))
        let lease = try #require(await enforcer.leases.first)
        #expect(lease.before == .quota(Bench.free))
        #expect(lease.set == .quota(Bench.share(0.35)))
        #expect(lease.pending == nil)
        #expect(lease.expires.boot == Bench.at(301))
        #expect(lease.expires.wall - lease.created.wall == 300_000_000_000)
    }

    @Test("A limit of the VM's own that is as strict or stricter is left as it is")
    func leavesStricter() async throws {
        bench.world.add(Bench.c, Bench.share(0.5))
        let enforcer = try bench.enforcer()
        let events = await enforcer.carryOut([.hold(Bench.order(Bench.c, cap: 0.5))], now: Bench.at(1))
        #expect(words(events) == ["failed"])
        #expect(bench.world.edit { $0.sets }.isEmpty)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A cap below a tenth is raised to a tenth, and the event says so")
    func floors() async throws {
        let enforcer = try bench.enforcer()
        let events = await enforcer.carryOut([.hold(Bench.order(cap: 0.01))], now: Bench.at(1))
        let changes = ["vcpu-quota: unlimited → 10000/100000 µs"]
        #expect(events == [.granted(Bench.order(cap: 0.1), lease: 1, changes: changes)])
        #expect(bench.world.quota(Bench.a) == Bench.share(0.1))
    }

    @Test("An order without a usable cap or term does nothing", arguments: [0, -1, .nan, .infinity] as [Double])
    func refusesNonsense(value: Double) async throws {
        let enforcer = try bench.enforcer()
        let intents: [Intent] = [.hold(Bench.order(cap: value)), .hold(Bench.order(Bench.b, term: value))]
        #expect(words(await enforcer.carryOut(intents, now: Bench.at(1))) == ["failed", "failed"])
        #expect(bench.world.edit { $0.reads } == 0)
    }

    @Test("A step keeps the lease and the value before, and counts the term anew")
    func adjusts() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer, cap: 0.6)
        #expect(await hold(enforcer, cap: 0.2, at: 50) == ["adjusted"])
        let lease = try #require(await enforcer.leases.first)
        #expect(lease.id == 1)
        #expect(lease.before == .quota(Bench.free))
        #expect(lease.set == .quota(Bench.share(0.2)))
        #expect(lease.expires.boot == Bench.at(350))
    }

    @Test("A step up never goes beyond the VM's own limit")
    func neverLoosens() async throws {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut([.hold(Bench.order(Bench.c, cap: 0.3))], now: Bench.at(1))
        _ = await enforcer.carryOut([.hold(Bench.order(Bench.c, cap: 0.95))], now: Bench.at(2))
        #expect(bench.world.quota(Bench.c) == Bench.share(0.8))
        let events = await enforcer.carryOut([.release(HoldKey(Bench.c, .cpu), .calm)], now: Bench.at(3))
        #expect(words(events) == ["released(calm)"])
    }

    // MARK: Failures of the hypervisor

    @Test("A set that is refused leaves no lease and the value before")
    func refused() async throws {
        let enforcer = try bench.enforcer()
        // Its parts, its quota, its mark, its quota again; the set is refused.
        #expect(try await refuse(enforcer, after: 4) == ["failed"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await enforcer.leases.isEmpty)
    }

    /// Throttles with a refusal after some calls that go well.
    private func refuse(
        _ enforcer: Enforcer,
        after calls: Int,
        _ fault: World.Fault = .refuse
    ) async throws -> [String] {
        bench.world.edit { $0.goodCalls = calls }
        bench.world.script([fault])
        return await hold(enforcer)
    }

    @Test("A VM that vanishes at any call leaves no lease", arguments: 0...5)
    func vanishes(calls: Int) async throws {
        let enforcer = try bench.enforcer()
        #expect(try await refuse(enforcer, after: calls, .vanish) == ["failed"])
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A hypervisor that cannot be reached at any call leaves no lease and nothing set", arguments: 0...5)
    func unreachable(calls: Int) async throws {
        let enforcer = try bench.enforcer()
        #expect(try await refuse(enforcer, after: calls, .unavailable) == ["failed"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A hypervisor that stays down after the set keeps the lease until it is given back")
    func downAfterSet() async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.goodCalls = 5 }
        bench.world.script([.unavailable, .unavailable, .unavailable])
        #expect(await hold(enforcer) == ["failed"])
        #expect(bench.world.quota(Bench.a) == Bench.share(0.5))
        #expect(await enforcer.leases.count == 1)
        #expect(await hold(enforcer, at: 2) == ["failed"])
        #expect(words(await enforcer.tick(now: Bench.at(2))) == [])
        #expect(words(await enforcer.tick(now: Bench.at(3))) == [])
        #expect(words(await enforcer.tick(now: Bench.at(5))) == ["released(policy)"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A set without an answer is watched until it can no longer happen", arguments: [1, 29, 55] as [Double])
    func unanswered(delay: Double) async throws {
        let enforcer = try bench.enforcer()
        #expect(try await refuse(enforcer, after: 4, .late(seconds: delay)) == ["failed"])
        #expect(await enforcer.leases.count == 1)
        for second in 2...60 {
            bench.world.move(to: Bench.at(Double(second)))
            #expect(await enforcer.tick(now: Bench.at(Double(second))).isEmpty)
        }
        for second in 61...200 { _ = await enforcer.tick(now: Bench.at(Double(second))) }
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A VM that does not answer holds up no other")
    func hangs() async throws {
        let enforcer = try bench.enforcer()
        bench.world.script([.hang])
        let stuck = Task { await enforcer.carryOut([.hold(Bench.order())], now: Bench.at(1)) }
        while bench.world.edit({ $0.hanging.isEmpty }) { await Task.yield() }
        let other = await enforcer.carryOut([.hold(Bench.order(Bench.b))], now: Bench.at(1))
        #expect(words(other) == ["granted"])
        #expect(await hold(enforcer, at: 2) == ["failed"])
        #expect(await enforcer.release(HoldKey(Bench.a, .cpu), .operatorRequest, now: Bench.at(2)).isEmpty)
        bench.world.unhang()
        #expect(words(await stuck.value) == ["failed"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
    }

    @Test("A release that comes while a set hangs is carried out when the set is done")
    func releaseWhileHanging() async throws {
        let enforcer = try bench.enforcer()
        bench.world.edit { $0.goodCalls = 4 }
        bench.world.script([.hang])
        let stuck = Task { await enforcer.carryOut([.hold(Bench.order())], now: Bench.at(1)) }
        while bench.world.edit({ $0.hanging.isEmpty }) { await Task.yield() }
        #expect(await enforcer.tick(now: Bench.at(2)).isEmpty)
        #expect(await enforcer.releaseAll(.shutdown, now: Bench.at(3)).isEmpty)
        bench.world.unhang()
        #expect(words(await stuck.value) == ["granted", "released(shutdown)"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
    }

    // MARK: Failures of the ledger

    @Test("Without a line on disk nothing is set", arguments: [LedgerError.diskFull(path: "l"), .readOnly(path: "l")])
    func noLeaseNoAction(error: LedgerError) async throws {
        let enforcer = try bench.enforcer()
        for call in [World.DiskCall.write, .synchronize, .rename] {
            bench.world.edit { $0.diskFaults = [call: error] }
            #expect(await hold(enforcer) == ["failed"])
        }
        #expect(bench.world.edit { $0.sets }.isEmpty)
        bench.world.edit { $0.diskFaults = [:] }
        #expect(await hold(enforcer) == ["granted"])
    }

    @Test("With a full disk what is held is given back all the same, and closed when there is room")
    func releasesWithFullDisk() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer)
        bench.world.edit { $0.diskFaults = [.write: .diskFull(path: "l"), .open: .diskFull(path: "l")] }
        #expect(words(await enforcer.releaseAll(.shutdown, now: Bench.at(2))) == ["failed"])
        #expect(bench.world.quota(Bench.a) == Bench.free)
        bench.world.person(Bench.a, Bench.share(0.5))
        bench.world.edit { $0.diskFaults = [:] }
        #expect(words(await enforcer.tick(now: Bench.at(4))) == ["released(shutdown)"])
        // What a person sets after that is not touched, even where it is the value that Quell had set.
        #expect(bench.world.quota(Bench.a) == Bench.share(0.5))
        #expect(await enforcer.leases.isEmpty)
    }

    // MARK: Release

    @Test("A release puts the value before back; a second one finds nothing to do")
    func releases() async throws {
        let enforcer = try bench.enforcer()
        _ = await enforcer.carryOut([.hold(Bench.order(Bench.c, cap: 0.3))], now: Bench.at(1))
        let first = await enforcer.release(uuid: Bench.c.uuid, .operatorRequest, now: Bench.at(2))
        #expect(first == [.released(HoldKey(Bench.c, .cpu), name: "vm-12", lease: 1, .operatorRequest)])
        #expect(bench.world.quota(Bench.c) == Bench.share(0.8))
        #expect(await enforcer.release(uuid: Bench.c.uuid, .operatorRequest, now: Bench.at(3)).isEmpty)
        #expect(
            words(await enforcer.carryOut([.release(HoldKey(Bench.c, .cpu), .calm)], now: Bench.at(3))) == [
                "released(calm)"
            ]
        )
    }

    @Test("A release leaves a person's newer value and hands over")
    func handsOver() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer)
        bench.world.person(Bench.a, Bench.share(0.7))
        let events = await enforcer.carryOut([.release(HoldKey(Bench.a, .cpu), .calm)], now: Bench.at(2))
        #expect(
            events == [
                .handedOver(HoldKey(Bench.a, .cpu), name: "vm-10", lease: 1, found: "vcpu-quota: 70000/100000 µs")
            ]
        )
        #expect(bench.world.quota(Bench.a) == Bench.share(0.7))
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A release of a VM that was started again only closes the lease")
    func generationChanged() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer)
        bench.world.restart(Bench.a)
        #expect(
            words(await enforcer.carryOut([.release(HoldKey(Bench.a, .cpu), .calm)], now: Bench.at(2))) == [
                "released(gone)"
            ]
        )
        #expect(bench.world.edit { $0.sets.count } == 1)
        #expect(await enforcer.leases.isEmpty)
    }

    @Test("A release that fails is told once and tried again after 1, 2 and 4 s")
    func retries() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer)
        bench.world.script([.unavailable, .refuse, .lost])
        #expect(
            words(await enforcer.carryOut([.release(HoldKey(Bench.a, .cpu), .calm)], now: Bench.at(10))) == ["failed"]
        )
        var log: [Double: [String]] = [:]
        for second in stride(from: 10.5, through: 20, by: 0.5) {
            let events = words(await enforcer.tick(now: Bench.at(second)))
            if !events.isEmpty { log[second] = events }
        }
        #expect(log == [17: ["released(calm)"]])
    }

    // MARK: Dry run

    @Test("Dry run tells and touches nothing, neither hypervisor nor disk")
    func dryRun() async throws {
        let enforcer = try bench.enforcer(mode: .dryRun)
        let intents: [Intent] = [
            .hold(Bench.order(term: 10)), .hold(Bench.order(Bench.b)), .release(HoldKey(Bench.b, .cpu), .calm),
        ]
        #expect(
            words(await enforcer.carryOut(intents, now: Bench.at(1)))
                == ["wouldThrottle", "wouldThrottle", "wouldRelease(calm)"]
        )
        #expect(words(await enforcer.tick(now: Bench.at(10.9))) == [])
        #expect(words(await enforcer.tick(now: Bench.at(11))) == ["wouldRelease(expired)"])
        #expect(bench.world.edit { $0.reads } == 0)
        #expect(bench.world.bytes("ledger") == nil)
    }

    @Test("Leaving enforcement gives everything back; entering it forgets the rehearsals")
    func modeChange() async throws {
        let enforcer = try bench.enforcer()
        _ = await hold(enforcer)
        #expect(words(await enforcer.adopt(.dryRun, now: Bench.at(2))) == ["released(policy)"])
        #expect(await hold(enforcer, at: 3) == ["wouldThrottle"])
        #expect(words(await enforcer.adopt(.enforce, now: Bench.at(4))) == ["wouldRelease(policy)"])
        #expect(await enforcer.adopt(.enforce, now: Bench.at(5)).isEmpty)
        #expect(await hold(enforcer, at: 6) == ["granted"])
    }
}
