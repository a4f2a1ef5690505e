import Detection
import Signals
import Testing

@Suite("A period that changes or appears (SDS/P)")
struct PeriodBreakTests {
    /// Feeds values, one a second; tells what was told at the ticks at which anything was.
    private func told(_ detector: inout PeriodBreak, _ ticks: Int, _ value: (Int) -> Double) -> [PeriodBreak.Break] {
        var told: [PeriodBreak.Break] = []
        for tick in 0..<ticks {
            detector.learn(value(tick), interval: 1)
            if detector.state != .none { told.append(detector.state) }
        }
        return told
    }

    /// A burst of a quarter of each period.
    private func bursts(_ tick: Int, every period: Int) -> Double { tick % period < period / 4 ? 1_000 : 100 }

    @Test("the period of bursts is found to a few per cent", arguments: [8, 12, 17, 25, 40, 60])
    func findsPeriod(_ period: Int) throws {
        var random = SplitMix64(seed: 1)
        var detector = PeriodBreak()
        _ = told(&detector, 300) { bursts($0, every: period) + 100 * random.normal() }
        let found = try #require(detector.period)
        #expect(abs(found - Double(period)) < 0.05 * Double(period))
        #expect(detector.strength > 0.6)
        #expect(detector.usualPeriod != nil)
    }

    @Test("a period that grows by half is told as shifted")
    func detectsShift() {
        var random = SplitMix64(seed: 2)
        var detector = PeriodBreak()
        #expect(told(&detector, 600) { bursts($0, every: 16) + 50 * random.normal() }.isEmpty)
        let seen = told(&detector, 400) { bursts($0, every: 24) + 50 * random.normal() }
        #expect(seen.contains(.shifted))
        #expect(detector.state == .shifted)
    }

    @Test("a periodicity where there was none is told as appeared, and one that ends as vanished")
    func detectsAppearing() {
        var random = SplitMix64(seed: 3)
        var detector = PeriodBreak()
        #expect(told(&detector, 600) { _ in 300 + 100 * random.normal() }.isEmpty)
        _ = told(&detector, 400) { bursts($0, every: 20) + 100 * random.normal() }
        #expect(detector.state == .appeared)
        var other = PeriodBreak()
        _ = told(&other, 600) { bursts($0, every: 20) }
        _ = told(&other, 400) { _ in 300 + 100 * random.normal() }
        #expect(other.state == .vanished)
    }

    @Test("noise, a constant, a ramp, a step and lone spikes have no period")
    func quiet() {
        var random = SplitMix64(seed: 4)
        var noisy = PeriodBreak()
        #expect(told(&noisy, 6_000) { _ in 300 + 100 * random.normal() }.isEmpty)
        for shape in [{ _ in 5.0 }, { Double($0) }, { $0 < 700 ? 1 : 100 }, { $0 % 977 == 0 ? 1e6 : 3 }]
            as [(Int) -> Double]
        {
            var detector = PeriodBreak()
            #expect(told(&detector, 2_000, shape).isEmpty)
        }
    }

    @Test("a change of less than a fifth is none, one of more is", arguments: [(20, 23, false), (20, 25, true)])
    func boundary(_ before: Int, _ after: Int, _ breaks: Bool) {
        var detector = PeriodBreak()
        _ = told(&detector, 600) { bursts($0, every: before) }
        _ = told(&detector, 130) { bursts($0, every: after) }
        #expect(told(&detector, 300) { bursts($0, every: after) }.contains(.shifted) == breaks)
    }

    @Test("a break becomes the profile after an hour")
    func adopts() throws {
        var detector = PeriodBreak()
        _ = told(&detector, 600) { bursts($0, every: 16) }
        _ = told(&detector, 4_000) { bursts($0, every: 28) }
        #expect(detector.state == .none)
        let usual = try #require(detector.usualPeriod)
        #expect(abs(usual - 28) < 2)
    }

    @Test("one or two missing readings are bridged; a gap ends a break and keeps the profile")
    func missing() throws {
        var random = SplitMix64(seed: 5)
        var detector = PeriodBreak()
        let tuning = PeriodBreak.Tuning()
        for tick in 0..<600 {
            let value = tick % 3 > 0 && random.chance(0.2) ? Double.nan : bursts(tick, every: 40)
            detector.learn(value, interval: 1, tuning: tuning)
        }
        let usual = try #require(detector.usualPeriod)
        #expect(abs(usual - 40) < 4)
        for tick in 0..<600 { detector.learn(bursts(tick, every: 58), interval: 1, tuning: tuning) }
        #expect(detector.state == .shifted)
        for _ in 0..<4 { detector.learn(.nan, interval: 1, tuning: tuning) }
        #expect(detector.state == .none && detector.period == nil && detector.usualPeriod != nil)
    }

    @Test("wild readings neither crash it nor make it stick, and equal input gives equal results")
    func wild() {
        var detector = PeriodBreak()
        for value in [Double.nan, .infinity, -.infinity, 1e300, 1e100, -1e100, 0] {
            for _ in 0..<150 { detector.learn(value, interval: .nan) }
        }
        var twin = detector
        _ = told(&detector, 6_000) { bursts($0, every: 20) }
        _ = told(&twin, 6_000) { bursts($0, every: 20) }
        #expect(detector.state == .none && detector.strength > 0.6)
        #expect(detector.period == twin.period && detector.strength == twin.strength)
    }
}
