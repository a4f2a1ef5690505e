import Signals
import Testing

@testable import Sampling

@Suite("Counters")
struct CounterTests {
    private func time(_ seconds: Double) -> MonotonicTime { MonotonicTime(seconds: seconds) }

    @Test("the first value gives no rate, the second does")
    func first() {
        var counter = Counter()
        #expect(counter.rate(of: 1_000_000, at: time(1)) == .missing)
        #expect(counter.rate(of: 1_000_010, at: time(3)) == Reading(5))
    }

    @Test("a counter that goes back is a reset and no spike, and counts on from there")
    func reset() {
        var counter = Counter()
        _ = counter.rate(of: .max - 5, at: time(1))
        #expect(counter.rate(of: 3, at: time(2)).quality == .reset)
        #expect(counter.rate(of: 4, at: time(3)) == Reading(1))
    }

    @Test("a standing clock gives no rate and loses nothing")
    func standingClock() {
        var counter = Counter()
        _ = counter.rate(of: 0, at: time(1))
        #expect(counter.rate(of: 50, at: time(1)).quality == .reset)
        #expect(counter.rate(of: 100, at: time(2)) == Reading(100))
    }

    @Test("a clock that goes back is a reset")
    func backwardClock() {
        var counter = Counter()
        _ = counter.rate(of: 0, at: time(10))
        #expect(counter.rate(of: 5, at: time(9)).quality == .reset)
        #expect(counter.rate(of: 6, at: time(10)) == Reading(1))
    }

    @Test("missed ticks cost nothing up to the longest interval")
    func missedTicks() {
        var counter = Counter()
        _ = counter.rate(of: 0, at: time(0))
        #expect(counter.rate(of: 60, at: time(60)) == Reading(1))
        #expect(counter.rate(of: 121, at: time(120.5)).quality == .reset)
        #expect(counter.rate(of: 122, at: time(121.5)) == Reading(1))
    }

    @Test("a paused VM gives resets and a whole interval afterwards")
    func paused() {
        var counter = Counter()
        _ = counter.rate(of: 0, at: time(0))
        #expect(counter.rate(of: 5, at: time(1), disturbed: true).quality == .reset)
        #expect(counter.rate(of: 7, at: time(2)) == Reading(2))
    }

    @Test("a forgotten counter begins anew")
    func forgotten() {
        var counter = Counter()
        _ = counter.rate(of: 0, at: time(0))
        counter.forget()
        #expect(counter.rate(of: 500, at: time(1)) == .missing)
    }

    @Test("a level tells growth in both directions")
    func level() {
        var level = Level()
        #expect(level.growth(of: 100, at: time(0)) == .missing)
        #expect(level.growth(of: 50, at: time(2)) == Reading(-25))
        #expect(level.growth(of: 60, at: time(2)).quality == .reset)
        #expect(level.growth(of: 60, at: time(3), disturbed: true).quality == .reset)
        #expect(level.growth(of: 61, at: time(4)) == Reading(1))
        #expect(level.growth(of: 61, at: time(400)).quality == .reset)
    }

    @Test("whatever comes, a rate is finite and never above the largest true step of the sequence", arguments: 0..<50)
    func property(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var counter = Counter()
        var now = 1_000.0
        var value: UInt64 = generator.next() % 1_000_000
        var last: (value: UInt64, now: Double)?
        for _ in 0..<2_000 {
            let reading = counter.rate(of: value, at: time(now))
            if reading.quality == .ok, let last {
                let seconds = time(now).seconds(since: time(last.now))
                #expect(seconds > 0 && seconds <= Counter.longestInterval && value >= last.value)
                #expect(reading.value == Double(value - last.value) / seconds)
                #expect(reading.value.isFinite && reading.value >= 0)
            } else {
                #expect(reading.value == 0)
            }
            if last?.now != now { last = (value, now) }
            switch generator.next() % 10 {
            case 0: value = generator.next()
            case 1: value = generator.next() % 100
            default: value = value &+ generator.next() % 5_000
            }
            switch generator.next() % 10 {
            case 0: break
            case 1: now -= 3
            case 2: now += 100
            default: now += Double(generator.next() % 3_000) / 1_000
            }
        }
    }

    @Test("true rates are found again, however the ticks fall", arguments: 0..<20)
    func recovers(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed) &+ 77)
        var counter = Counter()
        var value: UInt64 = 0
        var nanoseconds: UInt64 = 0
        _ = counter.rate(of: value, at: MonotonicTime(nanoseconds: nanoseconds))
        for _ in 0..<500 {
            let seconds = 1 + generator.next() % 20
            nanoseconds += seconds * 1_000_000_000
            value += seconds * 250
            #expect(counter.rate(of: value, at: MonotonicTime(nanoseconds: nanoseconds)) == Reading(250))
        }
    }

    @Test("a part that joins is left out, a part that was reset voids the sum and not the mean")
    func sums() {
        var sum = RateSum()
        #expect(sum.sum == .notObservable)
        sum.add(.missing)
        #expect(sum.sum == .missing)
        sum.add(Reading(4))
        sum.add(Reading(2))
        #expect(sum.sum == Reading(6))
        #expect(sum.mean == Reading(3))
        sum.add(Reading(0, .reset))
        #expect(sum.sum.quality == .reset)
        #expect(sum.mean == Reading(3))
    }

    @Test("a share of kernel time is not told of an idle VM, and never exceeds all")
    func share() {
        #expect(CPUReader.share(Reading(0.5), of: Reading(2)) == Reading(0.25))
        #expect(CPUReader.share(Reading(3), of: Reading(2)) == Reading(1))
        #expect(CPUReader.share(Reading(0), of: Reading(0.000_5)) == .missing)
        #expect(CPUReader.share(Reading(0, .reset), of: Reading(2)).quality == .reset)
    }

    @Test("a narrow counter that wraps counts on; one that fell too far, or stood above its range, was reset")
    func wraps() {
        func rate(_ first: UInt64, _ second: UInt64) -> Reading {
            var counter = Counter(wrappingAt: 1_000)
            _ = counter.rate(of: first, at: MonotonicTime(nanoseconds: 0))
            return counter.rate(of: second, at: MonotonicTime(nanoseconds: 1_000_000_000))
        }
        #expect(rate(900, 100) == Reading(200))
        #expect(rate(1_000, 0) == Reading(0))
        #expect(rate(501, 0) == Reading(499))
        #expect(rate(500, 0) == Reading(0, .reset))
        #expect(rate(2_000, 1_900) == Reading(0, .reset))
    }
}
