import Detection
import Signals
import Testing

@Suite("Rules with a detector of their own")
struct FamilyRuleTests {
    /// A rule on descriptors that must not reach 1,000 within an hour.
    private func leak(within: Double = 3_600, bound: Double = 1_000) -> Rule {
        var leak = Rule(name: "leak", signal: .qemuFDs, role: .suspect)
        leak.detector = .leak
        leak.above = bound
        leak.within = within
        return leak
    }

    /// Hours of a stream, a reading every 10 seconds; gives the first onset in seconds from its beginning.
    private func firstOnset(
        _ bench: inout Bench,
        _ signal: Signal,
        hours: Double,
        step: Double = 10,
        _ value: (Double) -> Double
    ) -> (at: Double, verdict: Verdict)? {
        let start = bench.now
        var first: (Double, Verdict)?
        while bench.now < start + hours * 3_600 {
            let at = bench.now - start
            bench.tick([signal: Reading(value(at))], step: step)
            if first == nil, let onset = bench.verdicts.first(where: { $0.phase == .onset }) { first = (at, onset) }
        }
        return first
    }

    @Test("a leak is told once its bound is near enough in time, with slope and time left")
    func leakDetects() throws {
        var bench = Bench([leak()])
        let first = try #require(firstOnset(&bench, .qemuFDs, hours: 6) { 100 + $0 * 0.05 })
        // 1,000 is reached after 18,000 s; an hour before is 14,400 s.
        #expect(abs(first.at - 14_400) < 300)
        guard case .exhaustion(let seconds, let slope) = first.verdict.detail else {
            Issue.record("no time left is told")
            return
        }
        #expect(abs(seconds - 3_600) < 60 && abs(slope - 0.05) < 0.001)
        #expect(first.verdict.threshold == 1_000)
    }

    @Test("a steady stream, and one that leads away from the bound, is no leak", arguments: [0, -0.02])
    func leakQuiet(_ slope: Double) {
        var bench = Bench([leak()])
        #expect(firstOnset(&bench, .qemuFDs, hours: 10) { 900 + slope * $0 } == nil)
    }

    @Test(
        "the time left decides: a bound just too far away is not told",
        arguments: [(1_500.0, true), (2_600.0, false)]
    )
    func leakBoundary(_ bound: Double, _ told: Bool) {
        var bench = Bench([leak(bound: bound)])
        #expect((firstOnset(&bench, .qemuFDs, hours: 7) { 100 + $0 * 0.05 } != nil) == told)
    }

    @Test("a leak seen through holes is told all the same, and one never seen is not")
    func leakMissing() {
        var bench = Bench([leak()])
        var random = SplitMix64(seed: 3)
        #expect(firstOnset(&bench, .qemuFDs, hours: 6) { random.chance(0.3) ? .nan : 100 + $0 * 0.05 } != nil)
        var blind = Bench([leak()])
        #expect(firstOnset(&blind, .qemuFDs, hours: 6) { _ in .nan } == nil)
    }

    /// A rule on cache misses that leave their usual range upwards.
    private func boundary() -> Rule {
        var rule = Rule(name: "range", signal: .perfLLCMissRate, role: .victim)
        rule.detector = .boundary
        rule.above = 1e6
        return rule
    }

    /// Half an hour of misses about five million a second, then at another level; gives whether it was told.
    private func afterShift(_ level: Double, _ rule: Rule, missing: Bool = false) -> Bool {
        var bench = Bench([rule])
        var random = SplitMix64(seed: 5)
        let first = firstOnset(&bench, .perfLLCMissRate, hours: 1, step: 1) { at in
            if missing, at >= 1_800 { return .nan }
            return (at < 1_800 ? 5e6 : level) * (1 + 0.05 * random.normal())
        }
        return (first?.at ?? 0) >= 1_800
    }

    @Test("a moving mean that leaves its range on the side of the bound is told, on the other side not")
    func boundarySides() {
        #expect(afterShift(2e7, boundary()))
        #expect(!afterShift(2e6, boundary()))
        #expect(!afterShift(5e6, boundary()))
        #expect(!afterShift(2e7, boundary(), missing: true))
    }

    /// A rule on a beat in cache misses.
    private func rhythm(_ role: Rule.Role) -> Rule {
        var rule = Rule(name: "beat", signal: .perfLLCMissRate, role: role)
        rule.detector = .rhythm
        return rule
    }

    /// Twenty minutes of one stream, then of another; gives the onset after the change.
    private func change(_ rule: Rule, from: (Double) -> Double, to: (Double) -> Double) -> Verdict? {
        var bench = Bench([rule])
        let first = firstOnset(&bench, .perfLLCMissRate, hours: 2.0 / 3, step: 1) { at in
            at < 1_200 ? from(at) : to(at)
        }
        guard let first, first.at >= 1_200 else { return nil }
        return first.verdict
    }

    @Test("a beat that a VM takes up is told of a suspect with its period, and not of a victim")
    func rhythmAppears() throws {
        var random = SplitMix64(seed: 8)
        func noise(_ at: Double) -> Double { 5e6 + 1e5 * random.normal() }
        func beat(_ at: Double) -> Double { noise(at) + (Int(at) % 16 < 8 ? 4e6 : 0) }
        let verdict = try #require(change(rhythm(.suspect), from: noise, to: beat))
        guard case .rhythm(let period, let usual) = verdict.detail else {
            Issue.record("no period is told")
            return
        }
        #expect(abs((period ?? 0) - 16) < 1.5 && usual == nil)
        #expect(change(rhythm(.victim), from: noise, to: beat) == nil)
        #expect(change(rhythm(.suspect), from: noise, to: noise) == nil)
    }

    @Test("a period that grows by half is told, by a tenth not", arguments: [(24, true), (17, false)])
    func rhythmBoundary(_ period: Int, _ told: Bool) {
        func beat(_ at: Double, _ period: Int) -> Double { 5e6 + (Int(at) % period < period / 2 ? 4e6 : 0) }
        #expect((change(rhythm(.victim), from: { beat($0, 16) }, to: { beat($0, period) }) != nil) == told)
    }

    @Test("a held VM teaches nothing, and another VM in the row begins anew")
    func rows() {
        var bench = Bench([leak()])
        bench.frame[record: VMSlot(0)]?.heldCores = 1
        #expect(firstOnset(&bench, .qemuFDs, hours: 6) { 100 + $0 * 0.05 } == nil)
        var other = Bench([leak()])
        _ = firstOnset(&other, .qemuFDs, hours: 3) { 100 + $0 * 0.05 }
        other.frame[record: VMSlot(0)] = Bench.record(0, generation: 2)
        let from = 100 + 0.05 * 3 * 3_600.0
        #expect(firstOnset(&other, .qemuFDs, hours: 0.9) { from + $0 * 0.05 } == nil)
    }

    @Test("what was learned is kept when the policy is read again")
    func adopt() throws {
        var bench = Bench([leak()])
        _ = firstOnset(&bench, .qemuFDs, hours: 3) { 100 + $0 * 0.05 }
        bench.bank.adopt(rules: [rule(above: 1), leak()])
        let from = 100 + 0.05 * 3 * 3_600.0
        let first = try #require(firstOnset(&bench, .qemuFDs, hours: 3) { from + $0 * 0.05 })
        #expect(abs(first.at - 3_600) < 300)
        #expect(first.verdict.rule == 1)
    }
}
