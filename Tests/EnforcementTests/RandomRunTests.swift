import Signals
import Testing

@testable import Enforcement

/// Random lives of three VMs: orders, faults, people, resets, full disks, crashes.
///
/// In the end all is as it should be.
@Suite("Random runs")
struct RandomRunTests {

    private static let vms = [Bench.a, Bench.b, Bench.c]

    /// A daemon works until it stops or dies.
    private func live(_ bench: Bench, from second: inout Double, _ random: inout SplitMix64) async throws(LedgerError) {
        let enforcer = try bench.enforcer(compactFrom: 2_000)
        _ = await enforcer.recover(now: Bench.at(second))
        for _ in 0..<Int.random(in: 1...25, using: &random) {
            second += Double.random(in: 0.1...20, using: &random)
            bench.world.move(to: Bench.at(second))
            let now = Bench.at(second)
            let vm = Self.vms.randomElement(using: &random) ?? Bench.a
            if random.chance(0.3) { bench.world.script(faults(&random)) }
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let cap = Double.random(in: 0.05...1.1, using: &random)
                let term = Double.random(in: 1...120, using: &random)
                _ = await enforcer.carryOut([.hold(Bench.order(vm, cap: cap, term: term))], now: now)
            case 4: _ = await enforcer.carryOut([.release(HoldKey(vm, .cpu), .calm)], now: now)
            case 5: bench.world.person(vm, personal(&random))
            case 6: bench.world.reset(vm)
            case 7: bench.world.edit { $0.diskFaults = $0.diskFaults.isEmpty ? [.write: .diskFull(path: "l")] : [:] }
            default: _ = await enforcer.tick(now: now)
            }
        }
        if random.chance(0.5) { _ = await enforcer.releaseAll(.shutdown, now: Bench.at(second)) }
    }

    private func faults(_ random: inout SplitMix64) -> [World.Fault] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            switch Int.random(in: 0..<5, using: &random) {
            case 0: .refuse
            case 1: .unavailable
            case 2: .lateNow
            case 3: .late(seconds: Double.random(in: 0.1...30, using: &random))
            default: .lost
            }
        }
    }

    /// A value that nobody but a person sets: an odd number of microseconds.
    private func personal(_ random: inout SplitMix64) -> VCPUQuota {
        VCPUQuota(period: 99_991, quota: Int64.random(in: 5_000...99_000, using: &random))
    }

    @Test("Every VM ends with a rightful value and no lease is left", arguments: 0..<16)
    func runs(batch: Int) async throws {
        for index in 0..<100 {
            let seed = UInt64(batch * 100 + index)
            var random = SplitMix64(seed: seed)
            let bench = Bench()
            var second = 0.0
            for _ in 0..<3 {
                let fate = random.chance(0.7)
                let step = Int.random(in: 1...150, using: &random)
                let death = World.Death.allCases.randomElement(using: &random) ?? .before
                bench.world.edit { state in
                    if fate { state.dieAt = state.step + step }
                    state.death = death
                }
                do throws(LedgerError) { try await live(bench, from: &second, &random) } catch {}
                let isKill = random.chance(0.5)
                let isNamed = random.chance(0.5)
                let share = Double.random(in: 0...1, using: &random)
                bench.world.revive { isName, unsynced in
                    if isKill { return unsynced }
                    return isName ? (isNamed ? 1 : 0) : Int(share * Double(unsynced))
                }
            }
            let enforcer = try bench.enforcer(compactFrom: 2_000)
            _ = await enforcer.recover(now: Bench.at(second))
            for _ in 0..<40 {
                second += 5
                bench.world.move(to: Bench.at(second))
                _ = await enforcer.tick(now: Bench.at(second))
            }
            #expect(await enforcer.leases.isEmpty, "seed \(seed)")
            #expect(bench.world.wrongs().isEmpty, "seed \(seed)")
        }
    }
}
