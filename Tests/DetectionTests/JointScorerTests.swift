import Detection
import Signals
import Testing

@Suite("One score over all counters of a VM")
struct JointScorerTests {
    /// A scorer of the given counters, each a ratio.
    private func scorer(_ counters: Int, rows: Int = 1) -> JointScorer {
        var scorer = JointScorer(floors: Array(repeating: ScaleFloor(.ratio), count: counters))
        scorer.grow(to: rows)
        return scorer
    }

    /// Scores a tick; the macros of the tests take no span.
    private func rate(_ scorer: inout JointScorer, _ values: [Double], row: Int = 0, learns: Bool = true) -> Double? {
        scorer.score(values.span, row: row, learns: learns)?.score
    }

    /// Noise about one half.
    private func usual(_ random: inout SplitMix64, _ counters: Int) -> [Double] {
        (0..<counters).map { _ in 0.5 + 0.05 * random.normal() }
    }

    /// A scorer that has seen noise.
    private func warm(_ random: inout SplitMix64, counters: Int = 8, ticks: Int = 1_500) -> JointScorer {
        var made = scorer(counters)
        for _ in 0..<ticks { _ = rate(&made, usual(&random, counters)) }
        return made
    }

    @Test("an incident in three of eight counters scores high, and they are the suspects")
    func detects() throws {
        var random = SplitMix64(seed: 1)
        var made = warm(&random)
        var outcome: JointScorer.Outcome?
        for _ in 0..<20 {
            var values = usual(&random, 8)
            values[2] = 0.95
            values[5] = 0
            values[7] = 1
            outcome = made.score(values.span, row: 0)
        }
        let last = try #require(outcome)
        #expect(last.score > 0.45)
        let counters = [last.suspects[0].counter, last.suspects[1].counter, last.suspects[2].counter]
        #expect(Set(counters) == [2, 5, 7])
        #expect(last.suspects[0].deviation >= last.suspects[1].deviation)
    }

    @Test("usual values in a combination that is not usual raise the score")
    func detectsCombination() throws {
        var random = SplitMix64(seed: 2)
        var made = scorer(4)
        var sum = 0.0
        var last = 0.0
        for tick in 0..<6_000 {
            let busy = tick / 20 % 2 == 0
            let broken = tick >= 5_900
            let values = (0..<4).map { counter in
                (busy != (broken && counter == 0) ? 0.7 : 0.3) + 0.02 * random.normal()
            }
            let score = rate(&made, values) ?? 0
            if (4_000..<5_900).contains(tick) { sum += score }
            if tick >= 5_920 { last += score }
        }
        #expect(last / 80 > 1.15 * sum / 1_900)
    }

    @Test("noise, constants and zeros score low, and so does what has lasted")
    func quiet() throws {
        var random = SplitMix64(seed: 3)
        var made = warm(&random)
        var worst = 0.0
        for _ in 0..<3_000 { worst = max(worst, try #require(rate(&made, usual(&random, 8)))) }
        #expect(worst < 0.4)
        var tuning = JointScorer.Tuning()
        tuning.memory = 500
        var flat = JointScorer(floors: [ScaleFloor(.ratio), ScaleFloor(.ratio)], tuning: tuning)
        flat.grow(to: 1)
        for _ in 0..<2_000 { worst = rate(&flat, [0, 7]) ?? 0 }
        #expect(worst < 0.01)
        for _ in 0..<3_000 { worst = try #require(rate(&flat, [3, 7])) }
        #expect(worst < 0.3)
    }

    @Test("bursts in every tenth reading are usual, a lone one is not, nor is a quantised counter")
    func sparse() throws {
        var made = scorer(2)
        var worst = 0.0
        for tick in 0..<2_000 {
            let score = rate(&made, [tick % 10 == 0 ? 0.4 : 0, Double(tick / 7 % 3) / 10])
            if tick > 1_000 { worst = max(worst, try #require(score)) }
        }
        #expect(worst < 0.4)
        var quiet = scorer(2)
        var before = 0.0
        for _ in 0..<1_000 { before = rate(&quiet, [0, 0.1]) ?? 1 }
        #expect(before < 0.01)
        #expect(try #require(rate(&quiet, [0.4, 0.1])) > 0.1)
    }

    @Test("there is a score from the sixty-first reading on")
    func boundary() {
        var made = scorer(3)
        for _ in 0..<60 { #expect(rate(&made, [0.1, 0.2, 0.3]) == nil) }
        #expect(rate(&made, [0.1, 0.2, 0.3]) != nil)
        #expect(rate(&made, [0.1, 0.2]) == nil)
        #expect(rate(&made, [0.1, 0.2, 0.3], row: 1) == nil)
    }

    @Test("missing counters are bridged, then have no deviation; one that never comes is no suspect")
    func missing() throws {
        var random = SplitMix64(seed: 4)
        var made = scorer(3)
        for _ in 0..<1_000 {
            var values = usual(&random, 3)
            values[2] = .nan
            _ = rate(&made, values)
        }
        let before = try #require(rate(&made, [0.5, 0.5, .nan]))
        for _ in 0..<10 { _ = rate(&made, [1, 0.5, .nan]) }
        let raised = try #require(rate(&made, [.nan, .nan, .nan]))
        #expect(raised > 2 * before)
        var outcome: JointScorer.Outcome?
        let none = [Double.nan, .nan, .nan]
        for _ in 0..<150 { outcome = made.score(none.span, row: 0) }
        let last = try #require(outcome)
        #expect(last.score < 0.3)
        #expect((0..<3).allSatisfy { last.suspects[$0].counter != 2 })
    }

    @Test("wild readings and resets neither crash it nor make it stick")
    func wild() throws {
        var random = SplitMix64(seed: 5)
        var made = scorer(4)
        for wild in [Double.nan, .infinity, -.infinity, 1e300, 1e99, -1e99] {
            _ = rate(&made, [wild, 0.5, wild, 0.5])
            _ = rate(&made, [0.5, wild, 0, 0])
        }
        var score = 1.0
        for tick in 0..<3_000 {
            var values = usual(&random, 4)
            if tick == 2_500 { values[1] = 1e99 }
            if tick == 2_600 { values = [0, 0, 0, 0] }
            score = rate(&made, values) ?? 0
            #expect(score >= 0 && score <= 1)
        }
        #expect(score < 0.35)
    }

    @Test("VMs do not influence each other, equal input gives equal bits, and a row begins anew")
    func rows() {
        var random = SplitMix64(seed: 6)
        var pair = scorer(4, rows: 2)
        var alone = scorer(4)
        for tick in 0..<1_000 {
            let values = usual(&random, 4)
            let first = rate(&pair, values)
            _ = rate(&pair, [Double(tick), 0, .nan, 1], row: 1)
            #expect(first == rate(&alone, values))
        }
        pair.reset(row: 1)
        var fresh = scorer(4)
        for _ in 0..<600 {
            let values = usual(&random, 4)
            #expect(rate(&pair, values, row: 1) == rate(&fresh, values))
        }
    }

    @Test("what is not learned does not become usual")
    func frozen() throws {
        var random = SplitMix64(seed: 7)
        var made = warm(&random, counters: 3)
        var score = 0.0
        for _ in 0..<5_000 { score = try #require(rate(&made, [1, 1, 1], learns: false)) }
        #expect(score > 0.45)
    }
}
