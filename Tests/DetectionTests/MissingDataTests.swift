import Detection
import Signals
import Testing

@Suite("Readings that are not there, rows that change hands, and reloads")
struct MissingDataTests {
    static let useless = [
        Reading.missing, .notObservable, Reading(9, .stale), Reading(9, .reset), Reading(.nan),
    ]

    @Test("a reading that is not ok neither fires nor teaches", arguments: useless)
    func notJudged(_ reading: Reading) {
        var bench = Bench([rule("c", above: 0.05), rule("d", deviation: 4)])
        bench.warm(0.01)
        let before = bench.bank.baseline(VMSlot(0), .cpuRunDelay)
        for _ in 0..<50 { #expect(bench.tick(reading) == []) }
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
    }

    @Test("a short gap is bridged: the sustain goes on, but only a breach fires")
    func bridged() {
        var bench = Bench([rule(above: 0.05, sustain: 2)])
        #expect(bench.phases(0.1) == [])
        for _ in 0..<3 { #expect(bench.phases(nil) == []) }
        #expect(bench.phases(0.1) == [.onset])
    }

    @Test("a long gap ends a breach that has not fired")
    func longGap() {
        var bench = Bench([rule(above: 0.05, sustain: 2)])
        bench.phases(0.1)
        for _ in 0..<4 { bench.phases(nil) }
        #expect(bench.phases(0.1) == [])
    }

    @Test("a firing rule goes on through a short gap with the last value and no confidence")
    func ongoing() throws {
        var bench = Bench([rule(above: 0.05)])
        bench.phases(0.1)
        #expect(bench.phases(nil) == [.ongoing])
        #expect(bench.verdicts.map(\.value) == [0.1])
        #expect(bench.verdicts.map(\.confidence) == [0])
        #expect(bench.phases(0.2) == [.ongoing])
        #expect(bench.verdicts.map(\.confidence) == [1])
    }

    @Test("a firing rule clears only once the clear time has passed since the gap grew too long")
    func gapClears() {
        var bench = Bench([rule(above: 0.05, clearAfter: 5)])
        bench.phases(0.1)
        for _ in 0..<8 { #expect(bench.phases(nil) == [.ongoing]) }
        #expect(bench.phases(nil) == [.cleared])
        #expect(bench.phases(nil) == [])
    }

    @Test("time in which nothing was seen is not calm")
    func blindIsNotCalm() {
        var bench = Bench([rule(above: 0.05, clearAfter: 3)])
        bench.phases(0.1)
        for value in [0.01, 0.01, nil, nil, 0.01, 0.01, 0.01] { #expect(bench.phases(value) == [.ongoing]) }
        #expect(bench.phases(0.01) == [.cleared])
    }

    @Test("after a long gap the clear time starts again with the first calm reading")
    func calmAfterGap() {
        var bench = Bench([rule(above: 0.05, clearAfter: 5)])
        bench.phases(0.1)
        for _ in 0..<7 { bench.phases(nil) }
        for _ in 0..<5 { #expect(bench.phases(0.01) == [.ongoing]) }
        #expect(bench.phases(0.01) == [.cleared])
    }

    @Test("a paused VM is not judged")
    func paused() {
        var bench = Bench([rule(above: 0.05)])
        bench.frame[record: VMSlot(0)]?.running = false
        #expect(bench.phases(0.9) == [])
    }

    @Test("a VM that is gone clears what fired, once")
    func gone() {
        var bench = Bench([rule(above: 0.05)])
        bench.phases(0.1)
        bench.frame.remove(VMSlot(0))
        #expect(bench.phases(nil) == [.cleared])
        #expect(bench.phases(nil) == [])
    }

    @Test("another VM in the row starts cold, and its own onset comes after the clearing of the one before")
    func reused() {
        var bench = Bench([rule("c", above: 0.05), rule("d", deviation: 4)])
        bench.warm(0.01)
        bench.phases(0.1)
        bench.frame[record: VMSlot(0)] = Bench.record(0, generation: 2)
        #expect(bench.phases(0.1) == [.cleared, .cleared, .onset])
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == nil)
    }

    @Test("a row that comes later is watched, and one out of range is asked for in vain")
    func newRow() {
        var bench = Bench([rule(above: 0.05)])
        bench.phases(0.01)
        let slot = bench.frame.place(Bench.record(5))
        #expect(bench.tick(Reading(0.1), row: slot.index).map(\.slot) == [slot])
        #expect(bench.bank.baseline(VMSlot(99), .cpuRunDelay) == nil)
        #expect(bench.bank.baseline(VMSlot(-1), .cpuRunDelay) == nil)
    }

    @Test("a smaller frame clears the rows that it lacks")
    func smallerFrame() {
        var bench = Bench([rule(above: 0.05)], vms: 2)
        bench.tick(Reading(0.1), row: 1)
        bench.frame = Frame(hostCPUs: 4)
        #expect(bench.tick([:]).map(\.phase) == [.cleared])
    }

    @Test("a reload keeps warm baselines and what fires, by name, under the new number")
    func reload() {
        var bench = Bench([rule("a", above: 0.05), rule("b", deviation: 4)])
        bench.warm(0.01)
        bench.phases(0.1)
        let before = bench.bank.baseline(VMSlot(0), .cpuRunDelay)
        let ended = bench.bank.adopt(rules: [
            rule("new", above: 2, signal: .memSwapIn), rule("b", deviation: 5), rule("a", above: 0.04),
        ])
        #expect(ended == [])
        #expect(bench.bank.baseline(VMSlot(0), .cpuRunDelay) == before)
        bench.phases(0.1)
        #expect(bench.verdicts.map(\.phase) == [.ongoing, .ongoing])
        #expect(bench.verdicts.map(\.rule) == [1, 2])
    }

    @Test("a reload tells what ends because its rule is no more, under the old number")
    func reloadEnds() {
        var bench = Bench([rule("x", above: 5), rule("a", above: 0.05)])
        bench.phases(0.1)
        let ended = bench.bank.adopt(rules: [rule("other", above: 0.05)])
        #expect(ended.map(\.phase) == [.cleared])
        #expect(ended.map(\.rule) == [1])
        #expect(bench.phases(0.1) == [.onset])
    }

    @Test("a reload to nothing and back starts cold")
    func reloadToNothing() {
        var bench = Bench([rule(deviation: 4)])
        bench.warm(0.01)
        bench.bank.adopt(rules: [])
        #expect(bench.phases(0.5) == [])
        bench.bank.adopt(rules: [rule(deviation: 4)])
        #expect(bench.phases(0.5) == [])
    }

    /// Ticks of a source that is read once in so many ticks and stale in between.
    private func paced(_ bench: inout Bench, _ values: [Double], every: Int) -> [[Verdict.Phase]] {
        var told: [[Verdict.Phase]] = []
        for value in values {
            told.append(bench.tick(Reading(value)).map(\.phase))
            for _ in 1..<every { told.append(bench.tick(Reading(value, .stale)).map(\.phase)) }
        }
        return told
    }

    @Test("a source with a pace of its own fires, goes on and clears as if it were read in every tick")
    func pacedSource() {
        var bench = Bench([rule(above: 1, sustain: 10, clearAfter: 10)])
        _ = paced(&bench, [0, 0], every: 5)
        let hurt = paced(&bench, [2, 2, 2, 2], every: 5)
        #expect(hurt[..<10].allSatisfy { $0.isEmpty })
        #expect(hurt[10] == [.onset])
        #expect(hurt[11...].allSatisfy { $0 == [.ongoing] })
        let calm = paced(&bench, [0, 0, 0], every: 5)
        #expect(calm[..<10].allSatisfy { $0 == [.ongoing] })
        #expect(calm[10] == [.cleared])
        #expect(calm[11...].allSatisfy { $0.isEmpty })
    }

    @Test("in between it speaks with confidence 0, and never fires from what it said before")
    func pacedConfidence() {
        var bench = Bench([rule(above: 1, sustain: 3, clearAfter: 10)])
        _ = paced(&bench, [0, 0, 2], every: 5)
        #expect(bench.verdicts.isEmpty)
        #expect(bench.tick(Reading(2)).map(\.phase) == [.onset])
        #expect(bench.tick(Reading(2, .stale)).map(\.confidence) == [0])
    }

    @Test("twice its pace is bridged, one tick more begins a gap as any other")
    func pacedBoundary() {
        for (ticks, isFiring) in [(8, true), (8 + 4, false)] {
            var bench = Bench([rule(above: 1, sustain: 5, clearAfter: 10)])
            _ = paced(&bench, [0, 0], every: 5)
            bench.tick(Reading(2))
            for _ in 0..<ticks { bench.tick(Reading(2, .stale)) }
            #expect(bench.tick(Reading(2)).isEmpty == !isFiring, "\(ticks)")
        }
    }

    @Test("a source that falls silent is cleared, and one that was never read again is not bridged")
    func pacedSilence() {
        var bench = Bench([rule(above: 1, clearAfter: 10)])
        _ = paced(&bench, [0, 0, 2], every: 5)
        let silent = (0..<40).map { _ in bench.tick(Reading(2, .stale)).map(\.phase) }
        #expect(silent.contains([.cleared]))
        #expect(silent.last == [])
        var other = Bench([rule(above: 1, sustain: 5)])
        other.tick(Reading(2))
        for _ in 0..<4 { other.tick(Reading(2, .stale)) }
        #expect(other.tick(Reading(2)).isEmpty)
    }
}
