import Detection
import Signals
import Testing

@Suite("The two-horizon slope of a leak")
struct LeakSlopeTests {
    /// Feeds a function of time in hours, every `step` seconds; tells in which of them, in hours, a leak was seen.
    private func leaks(
        hours: Double,
        step: Double = 20,
        into slope: inout LeakSlope,
        _ value: (Double) -> Double
    ) -> [Double] {
        var seen: [Double] = []
        for index in 0..<Int(hours * 3_600 / step) {
            let hour = Double(index) * step / 3_600
            slope.learn(value(hour), at: MonotonicTime(seconds: 100 + hour * 3_600))
            if slope.isLeak { seen.append(hour) }
        }
        return seen
    }

    private func leaks(hours: Double, step: Double = 20, _ value: (Double) -> Double) -> [Double] {
        var slope = LeakSlope()
        return leaks(hours: hours, step: step, into: &slope, value)
    }

    /// The sine of a share of a turn, by a polynomial that is good enough for a wave.
    private func wave(_ turns: Double) -> Double {
        let part = turns - turns.rounded(.down)
        let half = part < 0.5 ? part : part - 0.5
        let arch = 16 * half * (0.5 - half)
        return part < 0.5 ? arch : -arch
    }

    @Test("a ramp of 0.1 % a minute under 1 % of noise is a leak after half a day, and stays one")
    func detectsSlowRamp() throws {
        var random = SplitMix64(seed: 1)
        var slope = LeakSlope()
        let seen = leaks(hours: 24, into: &slope) { 4e9 * (1 + 0.06 * $0) + 4e7 * random.normal() }
        let first = try #require(seen.first)
        #expect(first >= 11.9 && first < 13)
        #expect(seen.count > 2_000)
        #expect(slope.trend == .rising)
        #expect(abs(slope.slope - 4e9 * 0.06 / 3_600) < 4e9 * 0.006 / 3_600)
        let left = try #require(slope.secondsTo(4e9 * (1 + 0.06 * 34)))
        #expect(abs(left - 36_000) < 3_600)
    }

    @Test("usable memory that falls is a leak to its floor, and soon exhausted")
    func detectsFall() throws {
        var slope = LeakSlope()
        var random = SplitMix64(seed: 2)
        _ = leaks(hours: 3, into: &slope) { 8e9 - 2e9 * $0 + 2e7 * random.normal() }
        #expect(slope.trend == .falling && !slope.isLeak)
        let left = try #require(slope.secondsTo(0))
        #expect(abs(left - 3_600) < 360)
        #expect(slope.isExhausting(0, within: 7_200) && !slope.isExhausting(0, within: 1_800))
        #expect(slope.secondsTo(9e9) == nil && !slope.isExhausting(9e9, within: 1e9))
    }

    @Test("a count that grows by one in ten minutes is a leak")
    func detectsQuantised() {
        let seen = leaks(hours: 24) { (50 + $0 * 6).rounded(.down) }
        #expect(seen.first != nil)
    }

    @Test("a ramp that goes on for weeks stays a leak")
    func staysLeak() {
        let seen = leaks(hours: 24 * 16, step: 60) { 1e9 * (1 + 0.06 * $0) }
        #expect(seen.count > 60 * 24 * 15)
    }

    @Test("noise, a constant and zeros are none")
    func noNoise() {
        for seed in 0..<4 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            #expect(leaks(hours: 48, step: 30) { _ in 100 + 20 * random.normal() }.first == nil)
        }
        #expect(leaks(hours: 30) { _ in 4e9 }.first == nil)
        #expect(leaks(hours: 30) { _ in 0 }.first == nil)
    }

    @Test("the first touch of memory after boot, which saturates, is none", arguments: [0.2, 1, 3, 8])
    func noFirstTouch(_ hours: Double) {
        #expect(leaks(hours: 40) { 1e9 + 3e9 * min($0 / hours, 1) }.first == nil)
        #expect(leaks(hours: 40) { 1e9 + 3e9 * $0 / ($0 + hours / 2) }.first == nil)
    }

    @Test("a sawtooth of up to half a day is none", arguments: [0.05, 0.5, 2, 6, 11])
    func noSawtooth(_ period: Double) {
        var random = SplitMix64(seed: 3)
        let seen = leaks(hours: 40, step: 30) { hour in
            1e9 * (1 + (hour / period - (hour / period).rounded(.down))) + 5e6 * random.normal()
        }
        #expect(seen.first == nil)
    }

    @Test("a daily wave is none, wherever it begins", arguments: [0, 0.25, 0.5, 0.625, 0.75, 0.875])
    func noDailyWave(_ phase: Double) {
        var random = SplitMix64(seed: 4)
        let seen = leaks(hours: 120, step: 30) { 4e9 * (1 + 0.4 * wave($0 / 24 + phase)) + 1e7 * random.normal() }
        #expect(seen.first == nil)
    }

    @Test("steps up and down are none")
    func noStep() {
        #expect(leaks(hours: 40) { $0 < 20 ? 1e9 : 4e9 }.first == nil)
        #expect(leaks(hours: 40) { $0 < 20 ? 4e9 : 1e9 }.first == nil)
        #expect(leaks(hours: 40) { 1e9 * (1 + ($0 / 10).rounded(.down)) }.first == nil)
    }

    @Test("a trend is told no earlier than one long horizon, a leak no earlier than its history")
    func boundary() {
        var slope = LeakSlope()
        var firstTrend: Double?
        for minute in 0..<900 {
            slope.learn(1e9 + 1e7 * Double(minute), at: MonotonicTime(seconds: Double(minute) * 60))
            if slope.trend != .none, firstTrend == nil { firstTrend = Double(minute) }
            if minute < 720 { #expect(!slope.isLeak) }
        }
        #expect((70...73).contains(firstTrend ?? 0))
        #expect(slope.isLeak)
    }

    @Test("missing readings, irregular ticks and a clock that stands still change nothing")
    func missing() {
        var random = SplitMix64(seed: 5)
        var slope = LeakSlope()
        var now = 0.0
        var seen = false
        while now < 86_400 {
            now += random.chance(0.01) ? 900 : 5 + 40 * random.uniform()
            let value = random.chance(0.3) ? Double.nan : 4e9 * (1 + now / 60_000)
            slope.learn(value, at: MonotonicTime(seconds: now))
            slope.learn(1e3, at: MonotonicTime(seconds: now - 4_000))
            if slope.isLeak { seen = true }
        }
        #expect(seen)
    }

    @Test("a trend ends where nothing was read for longer than a short horizon")
    func gap() {
        var slope = LeakSlope()
        _ = leaks(hours: 14, into: &slope) { 1e9 * (1 + $0) }
        #expect(slope.isLeak)
        slope.learn(.nan, at: MonotonicTime(seconds: 100 + 14 * 3_600 + 500))
        #expect(slope.isLeak)
        slope.learn(.nan, at: MonotonicTime(seconds: 100 + 14 * 3_600 + 700))
        #expect(!slope.isLeak && slope.trend == .none)
    }

    @Test("one wild reading in the middle costs the history, not more")
    func wildInTheMiddle() {
        let seen = leaks(hours: 40) { $0 > 14 && $0 < 14.005 ? 1e99 : 1e9 * (1 + 0.06 * $0) }
        #expect(seen.contains { $0 < 14 })
        #expect(seen.contains { $0 > 28 })
    }

    @Test("a fall to near zero restarts it, and it needs its history again")
    func reset() {
        let seen = leaks(hours: 30) { $0 < 14 ? 1e9 * (1 + $0) : 1e7 + 1e9 * ($0 - 14) }
        #expect(seen.contains { $0 < 14 })
        #expect(!seen.contains { $0 > 14.1 && $0 < 25.9 })
        #expect(seen.contains { $0 > 27 })
    }

    @Test("wild readings neither crash nor stick")
    func wild() {
        var slope = LeakSlope()
        for value in [Double.nan, .infinity, -.infinity, 1e300, 1e100, -1e100, 1e-300, 0] {
            slope.learn(value, at: MonotonicTime(seconds: 70))
            slope.learn(value, at: MonotonicTime(seconds: 200))
        }
        var seen = false
        for minute in 0..<1_500 {
            slope.learn(1e9 * (1 + 0.001 * Double(minute)), at: MonotonicTime(seconds: 300 + Double(minute) * 60))
            #expect(slope.slope.isFinite && slope.level.isFinite)
            if slope.isLeak { seen = true }
        }
        #expect(seen)
    }
}
