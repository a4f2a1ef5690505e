import Detection
import Signals
import Testing

@Suite("Cumulative sums")
struct CusumTests {
    @Test("a shift of one deviation is found within 40 readings, to its side", arguments: [1.0, -1.0])
    func detects(size: Double) {
        var random = SplitMix64(seed: 1)
        var sums = Cusum()
        for _ in 0..<500 { _ = sums.observe(random.normal()) }
        var found: Cusum.Shift?
        for _ in 0..<40 where found == nil { found = sums.observe(random.normal() + size) }
        #expect(found == (size > 0 ? .up : .down))
    }

    @Test("normal noise gives at most one alarm in 5,000 readings, and one outlier gives none")
    func doesNotDetect() {
        var random = SplitMix64(seed: 1)
        var sums = Cusum()
        let alarms = (0..<5_000).count { _ in sums.observe(random.normal()) != nil }
        #expect(alarms <= 1)
        var calm = Cusum()
        #expect(calm.observe(1e9) == nil)
        for _ in 0..<10 { #expect(calm.observe(0) == nil) }
        #expect(calm.strength == 0)
    }

    @Test("the sum alarms when it reaches the interval, not before, and begins again at 0")
    func boundary() {
        let tuning = Cusum.Tuning(allowance: 0.5, interval: 4, clip: 3)
        var sums = Cusum()
        for _ in 0..<7 { #expect(sums.observe(1, tuning) == nil) }
        #expect(sums.strength == 3.5)
        #expect(sums.observe(1, tuning) == .up)
        #expect(sums == Cusum())
        for _ in 0..<100 { #expect(sums.observe(0.5, tuning) == nil) }
    }

    @Test("a missing residual changes nothing, an infinite one counts as the clip")
    func missing() {
        var sums = Cusum()
        _ = sums.observe(2)
        let before = sums
        #expect(sums.observe(.nan) == nil && sums == before)
        _ = sums.observe(-.infinity)
        #expect(sums.rise == 0 && sums.fall == 2.5)
    }
}
