import Signals
import Testing

@testable import Detection

@Suite("The scorer under streams that are no textbook's")
struct StreamScorerInputTests {
    /// Streams by kind, from a seed.
    private static func stream(_ kind: String, _ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        var sum = 0.0
        return (0..<count).map { index in
            switch kind {
            case "constant": 7
            case "zero": 0
            case "quantised": (random.uniform() * 3).rounded(.down)
            case "sparse": random.chance(0.01) ? 5 * random.uniform() : 0
            case "gaps": random.chance(0.4) ? .nan : random.normal()
            case "huge": random.normal() * 1e29
            case "tiny": random.normal() * 1e-300
            case "wild": PureMath.exp(12 * random.normal()) * (random.chance(0.5) ? 1 : -1)
            case "sawtooth": Double(index % 200)
            default:
                {
                    sum += random.normal()
                    return sum
                }()
            }
        }
    }

    static let kinds = [
        "constant", "zero", "quantised", "sparse", "gaps", "huge", "tiny", "wild", "sawtooth", "walk",
    ]

    @Test("no number is lost, no score leaves 0 to 1, and events stay rare", arguments: kinds)
    func sane(kind: String) {
        var scorer = StreamScorer()
        var events = 0
        for (index, value) in Self.stream(kind, 4_000, seed: 5).enumerated() {
            let score = scorer.score(value, at: Double(index))
            if score.isMissing { continue }
            if !((0..<1).contains(score.score) && (0...100).contains(score.surprise) && score.level.isFinite
                && score.scale > 0 && score.scale.isFinite)
            {
                Issue.record("\(kind) \(index): \(score)")
                return
            }
            if score.isEvent { events += 1 }
        }
        #expect(events <= (kind == "constant" || kind == "zero" ? 0 : 30), "\(events)")
    }

    @Test("whatever came before, 12,000 calm readings later a spike is told and calm is not", arguments: kinds)
    func doesNotStick(kind: String) {
        var scorer = StreamScorer()
        var time = 0.0
        for value in Self.stream(kind, 2_000, seed: 6) {
            time += 1
            _ = scorer.score(value, at: time)
        }
        // A stream of another magnitude by 100 decades would take longer than any VM lives.
        guard kind != "huge", kind != "wild" else { return }
        var random = SplitMix64(seed: 7)
        var events = 0
        for index in 0..<12_000 {
            time += 1
            if scorer.score(100 + random.normal(), at: time).score >= 0.8, index > 500 { events += 1 }
        }
        #expect(events <= 6, "\(events)")
        scorer.rest = RestPeriod()
        var isTold = false
        for _ in 0..<3 {
            time += 1
            if scorer.score(160, at: time).isEvent { isTold = true }
        }
        #expect(isTold)
    }

    @Test("a constant stream tells its first change, and is calm at the new constant")
    func firstChange() {
        var scorer = StreamScorer()
        for index in 0..<1_000 { #expect(scorer.score(7, at: Double(index)).score == 0) }
        var events = 0
        for index in 1_000..<5_000 where scorer.score(9, at: Double(index)).isEvent { events += 1 }
        #expect((1...4).contains(events), "\(events)")
    }

    @Test("a wobble within the floor of the unit is none")
    func withinFloor() {
        var scorer = StreamScorer(floor: ScaleFloor(.cores))
        var random = SplitMix64(seed: 2)
        for index in 0..<1_000 { _ = scorer.score(0.5, at: Double(index)) }
        for index in 1_000..<2_000 {
            #expect(scorer.score(0.5 + 0.015 * random.uniform(), at: Double(index)).score == 0)
        }
    }

    @Test("a slow ramp moves the level no faster than the stream, and a hundred spikes do not teach it")
    func notPoisoned() {
        var scorer = StreamScorer()
        var random = SplitMix64(seed: 3)
        for index in 0..<3_000 { _ = scorer.score(10 + random.normal(), at: Double(index)) }
        let before = scorer.score(10, at: 3_000)
        for index in 0..<100 { _ = scorer.score(1e6, at: 3_001 + Double(index)) }
        let after = scorer.score(10, at: 3_101)
        #expect(after.level - before.level < 0.3 * before.scale)
        #expect(after.scale < 1.3 * before.scale)
    }

    @Test("equal input gives equal bits", arguments: kinds)
    func deterministic(kind: String) {
        var one = StreamScorer()
        var other = StreamScorer()
        for (index, value) in Self.stream(kind, 1_200, seed: 9).enumerated() {
            let score = one.score(value, at: Double(index) * 300)
            #expect(score == other.score(value, at: Double(index) * 300))
        }
    }

    @Test("time that stands still, goes back or is no number does not trap")
    func time() {
        var scorer = StreamScorer()
        var random = SplitMix64(seed: 3)
        let times = [0, -1e12, .nan, .infinity, 1e300, 5, 5, 4, -.infinity]
        for index in 0..<3_000 {
            let score = scorer.score(random.normal(), at: times[index % times.count])
            #expect((0..<1).contains(score.score))
        }
    }

    @Test("the histograms survive the change of their unit")
    func longRun() {
        var scorer = StreamScorer()
        var random = SplitMix64(seed: 4)
        var events = 0
        for index in 0..<45_000 where scorer.score(random.normal(), at: Double(index)).isEvent { events += 1 }
        #expect(events < 130, "\(events)")
        #expect(scorer.weight < 65_536)
    }
}
