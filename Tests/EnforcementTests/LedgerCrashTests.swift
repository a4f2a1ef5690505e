import Signals
import Testing

@testable import Enforcement

/// The process dies at every step of a lease's life; the next daemon puts everything back.
@Suite("Crashes")
struct LedgerCrashTests {
    typealias Loss = Disturbance.Loss

    /// A life of leases: two VMs, steps down and up, compaction, an expiry, both releases.
    private func story(_ bench: Bench) async throws(LedgerError) {
        let enforcer = try bench.enforcer(compactFrom: 1_500)
        _ = await enforcer.recover(now: Bench.at(0))
        _ = await enforcer.carryOut([.hold(Bench.order(cap: 0.6))], now: Bench.at(1))
        _ = await enforcer.carryOut([.hold(Bench.order(cap: 0.35))], now: Bench.at(4))
        _ = await enforcer.carryOut([.hold(Bench.order(Bench.c, cap: 0.2, term: 5))], now: Bench.at(5))
        _ = await enforcer.tick(now: Bench.at(6))
        _ = await enforcer.carryOut([.hold(Bench.order(cap: 0.6))], now: Bench.at(7))
        _ = await enforcer.tick(now: Bench.at(11))
        _ = await enforcer.carryOut([.release(HoldKey(Bench.a, .cpu), .calm)], now: Bench.at(12))
    }

    /// A daemon starts, works for 100 s and finds nothing left to do.
    private func restart(_ bench: Bench, _ label: String) async throws {
        let enforcer = try bench.enforcer(compactFrom: 1_500)
        #expect(await enforcer.damage.allSatisfy { $0.kind == .tail }, "\(label)")
        bench.world.move(to: Bench.at(13))
        _ = await enforcer.recover(now: Bench.at(13))
        for second in stride(from: 14.0, through: 113, by: 9) {
            bench.world.move(to: Bench.at(second))
            _ = await enforcer.tick(now: Bench.at(second))
        }
        #expect(await enforcer.leases.isEmpty, "\(label)")
    }

    /// The steps of the story when all goes well.
    private func length() async throws -> Int {
        let bench = Bench()
        try await story(bench)
        let steps = bench.world.edit { $0.step }
        #expect(bench.world.quota(Bench.a) == Bench.free)
        #expect(bench.world.quota(Bench.c) == Bench.share(0.8))
        #expect(try bench.leasesOnDisk().isEmpty)
        return steps
    }

    @Test("A crash at any step, with any loss, ends with the value before and an empty ledger")
    func everyStep() async throws {
        let steps = try await length()
        #expect(steps > 50)
        for step in 1...steps {
            for death in World.Death.allCases {
                for loss in Loss.allCases {
                    let bench = Bench()
                    bench.world.edit { state in
                        state.dieAt = step
                        state.death = death
                    }
                    do throws(LedgerError) { try await story(bench) } catch {}
                    #expect(bench.world.edit { $0.isDead })
                    bench.world.revive(keeping: loss.keep)
                    let label = "step \(step), \(death), \(loss)"
                    try await restart(bench, label)
                    #expect(bench.world.quota(Bench.a) == Bench.free, "\(label)")
                    #expect(bench.world.quota(Bench.c) == Bench.share(0.8), "\(label)")
                    #expect(try bench.leasesOnDisk().isEmpty, "\(label)")
                }
            }
        }
    }

    @Test("A person's value set before any step is there in the end, but for the moment before a set")
    func everyInterference() async throws {
        let theirs = VCPUQuota(period: 100_000, quota: 77_777)
        var kept = 0
        let steps = try await length()
        for step in 1...steps {
            let bench = Bench()
            bench.world.edit { $0.acts[step] = { $0.person(Bench.a, .vcpuQuota, .quota(theirs)) } }
            try await story(bench)
            #expect(bench.world.wrongs().isEmpty, "step \(step)")
            #expect(try bench.leasesOnDisk().isEmpty, "step \(step)")
            if bench.world.quota(Bench.a) == theirs { kept += 1 }
        }
        // Lost are those set right before one of the four sets of VM a.
        #expect(kept == steps - 4)
    }

    @Test("A crash right after a person's value leaves that value alone")
    func interferenceThenCrash() async throws {
        let theirs = VCPUQuota(period: 100_000, quota: 77_777)
        for step in 1...(try await length()) {
            let bench = Bench()
            bench.world.edit { state in
                state.acts[step] = { $0.person(Bench.a, .vcpuQuota, .quota(theirs)) }
                state.dieAt = step
                state.death = .before
            }
            do throws(LedgerError) { try await story(bench) } catch {}
            bench.world.revive(keeping: Loss.nothing.keep)
            try await restart(bench, "step \(step)")
            #expect(bench.world.quota(Bench.a) == theirs, "step \(step)")
        }
    }

    @Test("A crash while recovering from a crash changes nothing")
    func crashInRecovery() async throws {
        let steps = try await length()
        for first in stride(from: 1, through: steps, by: 3) {
            for second in 1...12 {
                let bench = Bench()
                bench.world.edit { state in
                    state.dieAt = first
                    state.death = .after
                }
                do throws(LedgerError) { try await story(bench) } catch {}
                bench.world.revive(keeping: Loss.everything.keep)
                bench.world.edit { state in
                    state.dieAt = state.step + second
                    state.death = .half
                }
                do throws(LedgerError) {
                    _ = try await bench.enforcer().recover(now: Bench.at(13))
                } catch {}
                bench.world.revive(keeping: Loss.half.keep)
                try await restart(bench, "steps \(first), \(second)")
                #expect(bench.world.quota(Bench.a) == Bench.free, "steps \(first), \(second)")
                #expect(bench.world.quota(Bench.c) == Bench.share(0.8), "steps \(first), \(second)")
            }
        }
    }
}
