import Detection
import Signals
import Testing

@Suite("The likelihood of a run of scores")
struct AnomalyLikelihoodTests {
    private func warmed(_ scores: (inout SplitMix64) -> Double) -> (AnomalyLikelihood, Double) {
        var random = SplitMix64(seed: 8)
        var likelihood = AnomalyLikelihood()
        var greatest = 0.0
        for number in 0..<5_000 {
            let told = likelihood.observe(scores(&random))
            if number > 1_000 { greatest = max(greatest, told) }
        }
        return (likelihood, greatest)
    }

    @Test("a run of scores above the usual is told")
    func detects() {
        var (likelihood, _) = warmed { 0.1 * $0.uniform() }
        var told = 0.0
        for _ in 0..<10 { told = likelihood.observe(0.9) }
        #expect(told > 0.999_99)
    }

    @Test("a stream whose scores are often high is not told for one more")
    func doesNotDetect() {
        var (likelihood, greatest) = warmed { $0.chance(0.3) ? 0.9 : 0.1 }
        #expect(greatest < 0.999)
        #expect(likelihood.observe(0.9) < 0.99)
    }

    @Test("it is a half until warm-up is over and speaks with the next score")
    func boundary() {
        var likelihood = AnomalyLikelihood()
        for _ in 0..<99 { #expect(likelihood.observe(0) == 0.5) }
        #expect(likelihood.observe(1) == 0.5)
        #expect(likelihood.observe(1) > 0.5)
    }

    @Test("a missing score changes nothing, and a constant stream of 0 does not stick after its first score")
    func missing() {
        var likelihood = AnomalyLikelihood()
        for _ in 0..<1_000 { _ = likelihood.observe(0) }
        let before = likelihood
        for score in [Double.nan, .infinity, -.infinity] { #expect(likelihood.observe(score) == 0.5) }
        #expect(likelihood == before)
        #expect(likelihood.observe(1) > 0.99)
        var told = 1.0
        for _ in 0..<200 { told = likelihood.observe(0) }
        #expect(told < 0.6)
    }
}
