import Detection
import Signals
import Testing

@Suite("A statistic that leaves its normal range (SDS/B)")
struct BoundaryBreakTests {
    let floor = ScaleFloor(.perSecond)

    /// Feeds values, one a second; tells at which ticks the range was broken.
    private func breaks(_ detector: inout BoundaryBreak, _ ticks: Int, _ value: (Int) -> Double) -> [Int] {
        (0..<ticks).filter { tick in
            detector.learn(value(tick), interval: 1, floor: floor)
            return detector.isBroken
        }
    }

    /// A detector that has seen noise about 1,000 for half an hour.
    private func warm(_ random: inout SplitMix64) -> BoundaryBreak {
        var detector = BoundaryBreak()
        _ = breaks(&detector, 1_800) { _ in 1_000 + 100 * random.normal() }
        return detector
    }

    @Test("a rise by half, within the noise of a single reading, is told within two minutes")
    func detects() throws {
        var random = SplitMix64(seed: 1)
        var detector = warm(&random)
        let seen = breaks(&detector, 600) { _ in 1_500 + 300 * random.normal() }
        let first = try #require(seen.first)
        #expect(first <= 120)
        #expect(detector.isBroken && detector.sigmas > 4)
        let level = try #require(detector.level())
        #expect(abs(level - 1_000) < 50)
    }

    @Test("a fall below the range is told as well")
    func detectsFall() {
        var random = SplitMix64(seed: 2)
        var detector = warm(&random)
        #expect(!breaks(&detector, 300) { _ in 300 + 50 * random.normal() }.isEmpty)
        #expect(detector.sigmas < -4)
    }

    @Test("noise, a constant, zeros and lone spikes are not told")
    func quiet() {
        var random = SplitMix64(seed: 3)
        var noisy = BoundaryBreak()
        #expect(breaks(&noisy, 30_000) { _ in 1_000 + 300 * random.normal() }.isEmpty)
        var flat = BoundaryBreak()
        #expect(breaks(&flat, 3_000) { _ in 7 }.isEmpty)
        var zero = BoundaryBreak()
        #expect(breaks(&zero, 3_000) { _ in 0 }.isEmpty)
        var sparse = BoundaryBreak()
        #expect(breaks(&sparse, 20_000) { $0 % 40 == 0 ? 50 : 0 }.isEmpty)
        var spiky = warm(&random)
        #expect(breaks(&spiky, 600) { $0 == 300 ? 5_000 : 1_000 }.isEmpty)
    }

    @Test("it takes as many averages outside as patience says, and one inside ends it")
    func boundary() {
        let tuning = BoundaryBreak.Tuning(step: 1, steps: 1, weight: 1, width: 4, patience: 6)
        var detector = BoundaryBreak()
        for _ in 0..<100 { detector.learn(100, interval: 1, floor: floor, tuning: tuning) }
        // The floor makes one sigma 5: the range is 80 to 120.
        for _ in 0..<5 { detector.learn(121, interval: 1, floor: floor, tuning: tuning) }
        #expect(!detector.isBroken)
        detector.learn(121, interval: 1, floor: floor, tuning: tuning)
        #expect(detector.isBroken)
        detector.learn(119, interval: 1, floor: floor, tuning: tuning)
        #expect(!detector.isBroken)
        for _ in 0..<20 { detector.learn(119, interval: 1, floor: floor, tuning: tuning) }
        #expect(!detector.isBroken)
    }

    @Test("what is broken is not learned, and after an hour it is the profile")
    func freezesAndAdopts() throws {
        var random = SplitMix64(seed: 4)
        var detector = warm(&random)
        _ = breaks(&detector, 3_000) { _ in 2_000 + 100 * random.normal() }
        #expect(detector.isBroken)
        let frozen = try #require(detector.level())
        #expect(abs(frozen - 1_000) < 50)
        _ = breaks(&detector, 1_500) { _ in 2_000 + 100 * random.normal() }
        #expect(!detector.isBroken)
        let learned = try #require(detector.level())
        #expect(abs(learned - 2_000) < 100)
    }

    @Test("missing readings neither break it nor hide a break, a long gap ends one")
    func missing() {
        var random = SplitMix64(seed: 5)
        var detector = warm(&random)
        #expect(breaks(&detector, 600) { $0 % 3 == 0 ? .nan : 1_000 }.isEmpty)
        #expect(!breaks(&detector, 300) { $0 % 3 == 0 ? .nan : 2_000 }.isEmpty)
        #expect(detector.isBroken)
        _ = breaks(&detector, 20) { _ in .nan }
        #expect(!detector.isBroken)
        #expect(breaks(&detector, 100) { _ in 1_000 }.isEmpty)
    }

    @Test("wild readings neither crash it nor make it stick, and equal input gives equal results")
    func wild() {
        var detector = BoundaryBreak()
        for value in [Double.nan, .infinity, -.infinity, 1e300, 1e100, -1e100, 0] {
            for _ in 0..<50 { detector.learn(value, interval: .nan, floor: floor) }
        }
        var twin = detector
        var random = SplitMix64(seed: 6)
        var other = SplitMix64(seed: 6)
        _ = breaks(&detector, 9_000) { _ in 1_000 + 100 * random.normal() }
        _ = breaks(&twin, 9_000) { _ in 1_000 + 100 * other.normal() }
        #expect(!detector.isBroken)
        #expect(detector.sigmas.isFinite && detector.sigmas == twin.sigmas && detector.smoothed == twin.smoothed)
    }
}
