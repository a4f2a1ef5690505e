import Signals
import Testing

@testable import Sampling

@Suite("Counters beside a source of which the truth is known")
struct CounterModelTests {
    /// Whether a rate over some seconds is what was done in them, but for rounding.
    private func isTrue(_ reading: Reading, _ done: UInt64, _ seconds: Double) -> Bool {
        abs(reading.value - Double(done) / seconds) <= 1e-9 * max(1, reading.value)
    }

    @Test("no faults make a rate exceed the truth, and each undisturbed interval is told", arguments: 0..<60)
    func neverASpike(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var clock = KnownClock()
        var source = KnownCounter(at: generator.next() >> (generator.next() % 64))
        var counter = Counter()
        var isFirst = true
        var isPaused = false
        var wasPaused = false
        var last = clock.now
        var told = 0.0
        var counted: UInt64 = 0
        for _ in 0..<2_000 {
            let event = KnownClock.draw(&generator)
            let seconds = clock.pass(event, &generator)
            if generator.chance(0.04) { isPaused.toggle() }
            if isPaused { wasPaused = true }
            // What the source does does not depend on the clock; a paused VM does nothing.
            if !isPaused { source.work(generator.next() % (generator.chance(0.1) ? 5_000_000_000 : 4_000)) }
            if generator.chance(0.04) { source.restart(at: generator.next() % 1_000) }
            if !isPaused { source.work(generator.next() % 100) }
            // A tick in which the file cannot be read; after a clock that went back it always can.
            if seconds > 0, !wasPaused, generator.chance(0.05) { continue }
            let reading = counter.rate(of: source.shown, at: clock.now, disturbed: wasPaused)
            let span = clock.now.seconds(since: last)
            switch reading.quality {
            case .ok:
                #expect(!isFirst && !wasPaused && span > 0 && span <= Counter.longestInterval)
                #expect(reading.value >= 0 && reading.value <= Double(source.done) / span * (1 + 1e-12))
                if !source.hasRestarted {
                    #expect(isTrue(reading, source.done, span))
                    told += reading.value * span
                    counted += source.done
                }
            case .missing: #expect(isFirst && reading.value == 0)
            case .reset:
                let isExcused = wasPaused || span <= 0 || span > Counter.longestInterval || source.hasRestarted
                #expect(!isFirst && isExcused && reading.value == 0)
            case .stale, .notObservable: Issue.record("\(reading)")
            }
            if isFirst || span != 0 {
                source.wasRead()
                last = clock.now
            }
            isFirst = false
            wasPaused = isPaused
        }
        #expect(abs(told - Double(counted)) <= 1e-9 * Double(counted))
        #expect(counted > 0)
    }

    @Test("the first reading after a disturbance is never ok, and the one after it is", arguments: 0..<6)
    func firstAfter(kind: Int) {
        var counter = Counter()
        var level = Level()
        func both(_ value: UInt64, _ seconds: Double, disturbed: Bool = false) -> (Reading, Reading) {
            let time = MonotonicTime(seconds: seconds)
            return (
                counter.rate(of: value, at: time, disturbed: disturbed),
                level.growth(of: Double(value), at: time, disturbed: disturbed)
            )
        }
        _ = both(1_000, 100)
        let calm = both(1_010, 101)
        #expect(calm == (Reading(10), Reading(10)))
        let after: (Reading, Reading)
        var (value, now): (UInt64, Double) = (1_020, 102)
        switch kind {
        case 0: after = both(value, now, disturbed: true)
        case 1: after = both(value, 101)
        case 2:
            now = 50
            after = both(value, now)
        case 3:
            now = 161.5
            after = both(value, now)
        case 4:
            counter.forget()
            value = 5
            level = Level()
            after = both(value, now)
        default:
            value = 3
            after = both(value, now)
        }
        #expect(after.0.quality != .ok && after.0.value == 0)
        // A level may fall; that is no disturbance.
        if kind < 5 { #expect(after.1.quality != .ok) } else { #expect(after.1 == Reading(-1_007)) }
        let next = both(value + 20, now + 2)
        #expect(next == (Reading(10), Reading(10)))
    }

    @Test("missed ticks cost nothing: however ticks are left out, the sum over the intervals is what was counted")
    func missedTicks() {
        for seed in 0..<40 {
            var generator = SplitMix64(seed: UInt64(seed) &+ 900)
            var counter = Counter()
            var level = Level()
            var source = KnownCounter(at: generator.next() % 1_000)
            let first = source.shown
            var (now, last) = (0.0, 0.0)
            var (told, grown) = (0.0, 0.0)
            _ = counter.rate(of: source.shown, at: MonotonicTime(seconds: now))
            _ = level.growth(of: Double(source.shown), at: MonotonicTime(seconds: now))
            for tick in 1...1_000 {
                now += 1
                source.work(generator.next() % 100_000)
                guard tick == 1_000 || now - last >= 59 || generator.chance(0.3) else { continue }
                let rate = counter.rate(of: source.shown, at: MonotonicTime(seconds: now))
                let growth = level.growth(of: Double(source.shown), at: MonotonicTime(seconds: now))
                #expect(rate.quality == .ok && growth == rate)
                told += rate.value * (now - last)
                grown += growth.value * (now - last)
                last = now
            }
            let counted = Double(source.shown - first)
            #expect(abs(told - counted) <= 1e-9 * counted && abs(grown - counted) <= 1e-9 * counted)
        }
    }

    @Test("a narrow counter that wraps is told truly, or not at all where it may have been reset", arguments: 0..<30)
    func narrow(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed) &+ 4_000)
        let range = 1_000 + generator.next() % (1 << 40)
        var source = KnownCounter(at: generator.next() % range, range: range)
        var counter = Counter(wrappingAt: range)
        var now = MonotonicTime(seconds: 1)
        _ = counter.rate(of: source.shown, at: now)
        var ok = 0
        for _ in 0..<2_000 {
            let before = source.shown
            source.wasRead()
            source.work(generator.next() % range)
            now = now.advanced(bySeconds: 1)
            let reading = counter.rate(of: source.shown, at: now)
            if reading.quality == .ok {
                #expect(isTrue(reading, source.done, 1))
                ok += 1
            } else {
                #expect(source.shown < before && source.done >= range / 2)
            }
        }
        #expect(ok > 1_000)
    }

    @Test("a narrow counter that is reset is never told more than half its range")
    func narrowReset() {
        var generator = SplitMix64(seed: 77)
        for _ in 0..<5_000 {
            let range = 2 + generator.next() % 100_000
            var counter = Counter(wrappingAt: range)
            let before = generator.next() % (2 * range)
            _ = counter.rate(of: before, at: MonotonicTime(seconds: 1))
            let after = generator.next() % (before + 1)
            let reading = counter.rate(of: after, at: MonotonicTime(seconds: 2))
            #expect(reading.value <= Double(range / 2), "\(before) → \(after) of \(range)")
        }
    }

    @Test("parts that join, leave and begin again never make a sum exceed what the parts did", arguments: 0..<40)
    func hotPlug(seed: Int) {
        struct Part {
            var source: KnownCounter
            var counter = Counter()
            var isNew = true
        }
        var generator = SplitMix64(seed: UInt64(seed) &+ 60_000)
        var parts: [Part] = []
        var now = MonotonicTime(seconds: 50)
        var told = 0
        for _ in 0..<1_500 {
            if generator.chance(0.1) { parts.append(Part(source: KnownCounter(at: generator.next() >> 8))) }
            if generator.chance(0.1), let place = parts.indices.randomElement(using: &generator) {
                parts.remove(at: place)
            }
            let hasReset = generator.chance(0.05)
            let victim = parts.indices.randomElement(using: &generator)
            if hasReset, let victim { parts[victim].source.restart(at: 0) }
            now = now.advanced(bySeconds: 2)
            var sum = RateSum()
            var (truth, largest) = (0.0, 0.0)
            var (known, voided) = (0, 0)
            for place in parts.indices {
                parts[place].source.work(generator.next() % 1_000_000)
                let part = parts[place].counter.rate(of: parts[place].source.shown, at: now)
                if part.quality == .reset { voided += 1 }
                if !parts[place].isNew {
                    truth += Double(parts[place].source.done) / 2
                    largest = max(largest, Double(parts[place].source.done) / 2)
                    known += 1
                }
                sum.add(part)
                parts[place].isNew = false
                parts[place].source.wasRead()
            }
            if voided > 0 {
                #expect(sum.sum == Reading(0, .reset))
            } else if known > 0 {
                #expect(sum.sum.quality == .ok && sum.sum.value <= truth * (1 + 1e-12))
                if !hasReset { #expect(abs(sum.sum.value - truth) <= 1e-9 * max(1, truth)) }
                told += 1
            } else {
                #expect(sum.sum == (parts.isEmpty ? .notObservable : .missing))
            }
            #expect(sum.mean.value <= largest * (1 + 1e-12))
        }
        #expect(told > 300)
    }
}
