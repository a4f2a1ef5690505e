import Detection
import Signals
import Testing

@Suite("Departure from the usual")
struct DeviationTests {
    @Test("a step well off the baseline fires with its evidence")
    func detects() throws {
        var bench = Bench([rule(above: 0.05, deviation: 4)])
        bench.warm(0.01)
        #expect(bench.phases(0.2) == [.onset])
        let verdict = try #require(bench.verdicts.first)
        #expect(abs((verdict.baseline ?? 0) - 0.01) < 0.001)
        #expect((verdict.sigmas ?? 0) > 50)
        #expect(verdict.threshold == 0.05)
        #expect(verdict.confidence > 0.9)
    }

    @Test("a high level that is usual does not fire though it is above the bound")
    func usualIsQuiet() {
        var bench = Bench([rule(above: 0.05, deviation: 4)], tuning: .init(freezeLimit: 0))
        bench.warm(0.1, ticks: 200)
        #expect(bench.phases(0.11) == [])
    }

    @Test("a departure below the fixed bound does not fire")
    func bothMustHold() {
        var bench = Bench([rule(above: 0.05, deviation: 4)])
        bench.warm(0.001)
        #expect(bench.phases(0.049) == [])
        #expect(bench.phases(0.05) == [.onset])
    }

    @Test("the stricter bound is told as the threshold")
    func threshold() throws {
        var bench = Bench([rule(above: 0.05, deviation: 4)], tuning: .init(freezeLimit: 0))
        bench.warm(0.1, ticks: 300)
        let baseline = try #require(bench.bank.baseline(VMSlot(0), .cpuRunDelay))
        let bound = baseline.level + 4 * baseline.scale
        #expect(bench.phases(bound - 1e-6) == [])
        #expect(bench.phases(bound * 1.01) == [.onset])
        #expect(abs(bench.verdicts[0].threshold - bound) < 0.002)
    }

    @Test("before warm-up a learned condition does not fire, and a ceiling does")
    func cold() {
        var bench = Bench([rule("learned", above: 0.05, deviation: 4), rule("ceiling", above: 0.5)])
        bench.warm(0.01, ticks: 29)
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == nil)
        bench.phases(0.6)
        #expect(bench.verdicts.map(\.rule) == [1])
        #expect(bench.verdicts.map(\.sigmas) == [nil])
    }

    @Test("a cold baseline does not learn what crosses the fixed bound, below it does")
    func coldSuspicion() {
        for (value, learned) in [(0.05, false), (0.049, true)] {
            var bench = Bench([rule(above: 0.05, deviation: 4)])
            for _ in 0..<60 { bench.phases(value) }
            #expect((bench.bank.baseline(VMSlot(0), .cpuRunDelay) != nil) == learned)
        }
    }

    @Test("a fall fires where the rule looks below, and a rise does not")
    func downward() {
        var bench = Bench([rule(below: 0.5, deviation: 4)])
        bench.warm(1, ticks: 60, wobble: 0.01)
        #expect(bench.phases(2) == [])
        #expect(bench.phases(0.2) == [.onset])
        #expect((bench.verdicts.first?.sigmas ?? 0) < -4)
    }

    @Test("a hurt from boot is not taken for usual, and the ceiling sees it")
    func hurtFromBoot() {
        var bench = Bench([rule("learned", above: 0.05, deviation: 4), rule("ceiling", above: 0.25)])
        for _ in 0..<120 { bench.phases(0.4) }
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == nil)
        #expect(bench.verdicts.map(\.rule) == [1])
        bench.warm(0.01, ticks: 60)
        #expect(bench.phases(0.2) == [.onset])
    }

    @Test("a slow ramp teaches the baseline but not the ceiling")
    func slowRamp() {
        var bench = Bench([rule("ceiling", above: 0.25)])
        bench.warm(0.01)
        var fired = false
        for step in 0..<2_000 { fired = bench.phases(0.01 + 0.000_15 * Double(step)) == [.onset] || fired }
        #expect(fired)
    }

    @Test("a suspicious stream does not learn, for as long as a ceiling is breached")
    func freeze() throws {
        var bench = Bench([rule("learned", above: 0.05, deviation: 4), rule("ceiling", above: 0.25)])
        bench.warm(0.01)
        let before = bench.bank.baseline(VMSlot(0), .cpuRunDelay)
        for _ in 0..<1_000 { bench.phases(0.4) }
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
    }

    @Test("after ten minutes under the ceiling it learns again, slowly")
    func boundedFreeze() throws {
        var bench = Bench([rule("learned", above: 0.05, deviation: 4)])
        bench.warm(0.01)
        let before = try #require(bench.bank.baseline(VMSlot(0), .cpuRunDelay))
        for _ in 0..<600 { bench.phases(0.1) }
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
        for _ in 0..<3 { bench.phases(0.1) }
        let after = try #require(bench.bank.baseline(VMSlot(0), .cpuRunDelay))
        #expect(after.level > before.level)
        #expect(after.level < before.level + 0.001)
        var cleared = false
        for _ in 0..<20_000 where !cleared { cleared = bench.phases(0.1) == [.cleared] }
        #expect(cleared)
    }

    @Test("a single outlier that breaches is not learned")
    func outlierNotLearned() {
        var bench = Bench([rule(deviation: 4)])
        bench.warm(0.01)
        let before = bench.bank.baseline(VMSlot(0), .cpuRunDelay)
        bench.phases(0.9)
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
    }

    @Test("a held, a paused and a working VM learn nothing", arguments: [0, 1, 2])
    func frozen(_ state: Int) {
        var bench = Bench([rule(above: 0.9, deviation: 4)])
        bench.warm(0.01)
        let before = bench.bank.baseline(VMSlot(0), .cpuRunDelay)
        if state == 0 { bench.frame[record: VMSlot(0)]?.heldCores = 0.5 }
        if state == 1 { bench.frame[record: VMSlot(0)]?.running = false }
        if state == 2 { bench.frame[record: VMSlot(0)]?.activity = .backup }
        bench.warm(0.04)
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
        bench.frame[record: VMSlot(0)] = Bench.record(0)
        bench.warm(0.04)
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) != before)
    }

    @Test("a normal stream of an hour with a usual bound of five sigmas raises no alarm")
    func quietOnNoise() {
        var random = SplitMix64(seed: 11)
        var onsets = 0
        var bench = Bench([rule(deviation: 6)])
        for _ in 0..<3_600 where bench.phases(0.1 + 0.02 * random.normal()).contains(.onset) { onsets += 1 }
        #expect(onsets == 0)
    }
}
