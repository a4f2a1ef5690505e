import Signals
import Testing

@testable import Detection

@Suite("The scorer of one stream")
struct StreamScorerTests {
    /// Feeds values a minute apart, and gives the scores.
    private func scores(_ values: some Sequence<Double>, _ scorer: inout StreamScorer, from: Int = 0) -> [StreamScore] {
        var time = Double(from) * 60
        return values.map { value in
            time += 60
            return scorer.score(value, at: time)
        }
    }

    private func noise(_ count: Int, seed: UInt64 = 1, level: Double = 10, size: Double = 1) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in level + size * random.normal() }
    }

    private func fed(_ count: Int, seed: UInt64 = 1) -> StreamScorer {
        var scorer = StreamScorer()
        _ = scores(noise(count, seed: seed), &scorer)
        return scorer
    }

    @Test("a spike, a dip, a lasting shift and wild noise are told", arguments: 0..<4)
    func detects(kind: Int) {
        for seed in 1...5 as ClosedRange<UInt64> {
            var scorer = fed(2_000, seed: seed)
            // The noise before may have begun a rest.
            _ = scores(noise(1, seed: seed), &scorer, from: 2_000)
            scorer.rest = RestPeriod()
            let calm = noise(60, seed: seed + 50)
            let odd = calm.enumerated().map { index, value -> Double in
                switch kind {
                case 0: index == 0 ? 30 : value
                case 1: index == 0 ? -10 : value
                case 2: value + 4
                default: 10 + 6 * (value - 10)
                }
            }
            let told = scores(odd, &scorer, from: 2_001)
            #expect(told.contains { $0.isEvent }, "\(kind) \(seed) \(told.map(\.surprise).max() ?? 0)")
        }
    }

    @Test("the evidence names family, side, level and scale")
    func evidence() {
        var scorer = fed(2_000)
        let up = scorer.score(40, at: 2_001 * 60)
        #expect(!up.isBelow && abs(up.level - 10) < 0.3 && abs(up.scale - 1) < 0.2)
        #expect(up.familySurprise > 2 && up.surprise > 1)
        #expect(abs(up.tailProbability - PureMath.pow(10, -up.surprise)) < 1e-9)
        let down = scorer.score(-40, at: 2_002 * 60)
        #expect(down.isBelow)
    }

    @Test("normal noise is told seldom, and next to never at three decades")
    func doesNotDetect() {
        for seed in 1...3 as ClosedRange<UInt64> {
            var scorer = StreamScorer()
            let told = scores(noise(5_000, seed: seed), &scorer)
            #expect(told.count { $0.isEvent } <= 20, "\(told.count { $0.isEvent })")
            #expect(told.count { $0.score >= 0.8 } <= 4, "\(told.count { $0.score >= 0.8 })")
        }
    }

    @Test("one incident is told once or twice, not at each reading")
    func rest() {
        var scorer = fed(3_000)
        let told = scores(noise(100, seed: 9, level: 25), &scorer, from: 3_000)
        #expect((1...3).contains(told.count { $0.isEvent }))
    }

    @Test("a daily rhythm is learned: the same value is told at night and not at noon")
    func daily() {
        var random = SplitMix64(seed: 12)
        var scorer = StreamScorer()
        var time = 0.0
        func usual() -> Double {
            let hour = time.truncatingRemainder(dividingBy: 86_400) / 3_600
            return (hour >= 8 && hour < 18 ? 50 : 10) + random.normal()
        }
        for _ in 0..<2_880 {
            time += 300
            _ = scorer.score(usual(), at: time)
        }
        // Twelve hours of the eleventh day: nothing at its morning.
        var events = 0
        while time < 11 * 86_400 - 7_200 {
            time += 300
            if scorer.score(usual(), at: time).isEvent { events += 1 }
        }
        #expect(events <= 1, "\(events)")
        var found = false
        for _ in 0..<12 {
            time += 300
            if scorer.score(50 + random.normal(), at: time).isEvent { found = true }
        }
        #expect(found)
    }

    @Test("nothing is told during warm-up, and the first reading after it can be")
    func boundary() {
        var scorer = StreamScorer()
        var values = noise(100)
        values[99] = 1_000
        #expect(scores(values, &scorer).allSatisfy { $0.score == 0 })
        var other = StreamScorer()
        _ = scores(noise(100), &other)
        #expect(scores([1_000, 1_000], &other, from: 100).contains { $0.isEvent })
    }

    @Test("a score of a half is 1.4 decades, and more is more")
    func calibration() {
        #expect(StreamScore.eventThreshold == 0.5)
        let half = 1 - PureMath.exp2(-1.0)
        #expect(half == StreamScore.eventThreshold)
        var scorer = fed(2_000)
        scorer.rest = RestPeriod()
        let told = scores([80, 80, 80], &scorer, from: 2_000).filter { $0.score > 0 }
        for score in told { #expect(score.isEvent == (score.score >= 0.5) && score.score < 1) }
    }

    @Test("missing readings change nothing and score 0")
    func missing() {
        var with = StreamScorer()
        var without = StreamScorer()
        for (index, value) in noise(1_500).enumerated() {
            let time = Double(index) * 60
            for gap in [Double.nan, .infinity, -.infinity, 1e200] {
                let score = with.score(gap, at: time)
                #expect(score.isMissing && score.score == 0)
            }
            #expect(with.score(value, at: time) == without.score(value, at: time))
        }
        #expect(with.learned == 1_500)
    }

    @Test("a stream's state fits in 4 KiB")
    func memory() { #expect(MemoryLayout<StreamScorer>.stride <= 4_096) }
}
