import Detection
import Signals
import Testing

@Suite("Rules on shifts, rare readings and the VM as a whole")
struct ShiftRuleTests {
    /// A rule on run delay with a detector.
    private func rule(_ detector: Rule.Detector, _ change: (inout Rule) -> Void = { _ in }) -> Rule {
        var rule = Rule(name: "r", signal: .cpuRunDelay, role: .victim)
        rule.detector = detector
        change(&rule)
        return rule
    }

    /// Seconds of a stream of a level with noise of a tenth of it, then of another level; the onsets by second.
    private func onsets(
        _ rule: Rule,
        level: Double = 0.1,
        then other: Double,
        before: Int = 1_200,
        seconds: Int = 1_500
    ) -> [Int] {
        var bench = Bench([rule])
        var random = SplitMix64(seed: 21)
        var onsets: [Int] = []
        for second in 0..<seconds {
            let value = (second < before ? level : other) + 0.01 * random.normal()
            if bench.phases(value.isNaN ? nil : value).contains(.onset) { onsets.append(second) }
        }
        return onsets
    }

    @Test("a mean that moved by a sigma and a half is told within a minute, though no reading is far off")
    func shiftDetects() throws {
        let first = try #require(onsets(rule(.shift) { $0.deviation = 12 }, then: 0.115).first)
        #expect((1_200..<1_260).contains(first))
    }

    @Test("a steady mean is not told, nor a fall where the rule looks above, nor a rise short of its bound")
    func shiftQuiet() {
        #expect(onsets(rule(.shift) { $0.deviation = 12 }, then: 0.1).isEmpty)
        #expect(onsets(rule(.shift) { ($0.deviation, $0.above) = (12, 0.05) }, then: 0.08).isEmpty)
        #expect(onsets(rule(.shift) { ($0.deviation, $0.above) = (12, 0.3) }, then: 0.13).isEmpty)
    }

    @Test("the decision interval is the boundary")
    func shiftBoundary() {
        #expect(!onsets(rule(.shift) { $0.deviation = 12 }, then: 0.115, seconds: 1_260).isEmpty)
        #expect(onsets(rule(.shift) { $0.deviation = 90 }, then: 0.115, seconds: 1_260).isEmpty)
    }

    @Test("what is missing is no shift and no rare reading", arguments: [Rule.Detector.shift, .unusual])
    func missing(_ detector: Rule.Detector) {
        #expect(onsets(rule(detector) { $0.above = 0.2 }, then: .nan).isEmpty)
    }

    @Test("a spike of which there was none among thousands is in the tail, at a risk far smaller it is not")
    func tailDetects() {
        for (risk, told) in [(9e-3, true), (1e-8, false)] {
            var bench = Bench([rule(.tail) { ($0.risk, $0.above) = (risk, 0.12) }])
            var random = SplitMix64(seed: 24)
            for _ in 0..<2_500 { bench.phases(0.1 + 0.01 * random.normal()) }
            bench.phases(0.1)
            #expect(bench.phases(0.127).contains(.onset) == told, "\(risk)")
        }
    }

    @Test("usual noise is seldom in the tail, a fall is not where the rule looks above, nor is what was never seen")
    func tailQuiet() {
        #expect(onsets(rule(.tail) { $0.risk = 1e-6 }, then: 0.1, seconds: 3_000).isEmpty)
        #expect(
            onsets(rule(.tail) { $0.above = 0.01 }, then: 0.02, before: 2_500, seconds: 2_510).allSatisfy { $0 < 2_500 }
        )
        #expect(onsets(rule(.tail) { $0.above = 0.2 }, then: .nan).isEmpty)
    }

    @Test("a flood stays in the tail while it lasts, for ten minutes, and is usual after that")
    func tailLasts() {
        var bench = Bench([rule(.tail) { $0.above = 0.2 }])
        var random = SplitMix64(seed: 25)
        for _ in 0..<1_500 { bench.phases(0.1 + 0.01 * random.normal()) }
        var phases: [Verdict.Phase] = []
        for _ in 0..<500 { phases += bench.phases(0.9 + 0.01 * random.normal()) }
        #expect(phases.first == .onset && phases.dropFirst().allSatisfy { $0 == .ongoing } && phases.count == 500)
        for _ in 0..<9_000 { phases += bench.phases(0.9 + 0.01 * random.normal()) }
        #expect(phases.contains(.cleared))
    }

    @Test("a reading such as there was none among thousands is told, with its score")
    func unusualDetects() throws {
        var bench = Bench([rule(.unusual) { $0.above = 0.12 }])
        var random = SplitMix64(seed: 22)
        for _ in 0..<2_500 { #expect(bench.phases(0.1 + 0.005 * random.uniform()).isEmpty) }
        var told: Verdict?
        for _ in 0..<5 where told == nil {
            bench.phases(0.9)
            told = bench.verdicts.first { $0.phase == .onset }
        }
        guard case .unusual(let score) = try #require(told).detail else {
            Issue.record("no score is told")
            return
        }
        #expect(score >= 0.999)
    }

    @Test("a rare reading on the other side of the bound is not told, and the score is the boundary")
    func unusualBoundary() {
        for (rule, told) in [
            (rule(.unusual) { $0.below = 1 }, false), (rule(.unusual) { $0.score = 1 }, false),
            (rule(.unusual) { $0.score = 0.99 }, true),
        ] {
            #expect(onsets(rule, then: 0.9, before: 2_500, seconds: 2_510).contains { $0 >= 2_500 } == told)
        }
    }

    /// A rule on the VM as a whole.
    private var whole: Rule {
        var whole = Rule(name: "whole", signal: .vmAnomaly, role: .suspect)
        whole.above = 0.8
        return whole
    }

    /// An hour and a half of an honest VM, then something else for five minutes; the first onset after the change.
    private func change(_ readings: [Signal: Double], missing: Bool = false) -> Verdict? {
        var bench = Bench([whole])
        var random = SplitMix64(seed: 23)
        let usual: [Signal: Double] = [
            .cpuUsage: 0.6, .diskWriteOps: 80, .diskReadOps: 60, .netTxPackets: 400, .netRxPackets: 500,
            .memMajorFaults: 2, .kvmExits: 9_000,
        ]
        for second in 0..<5_700 {
            var now = usual
            if second >= 5_400 { now = missing ? [:] : usual.merging(readings) { _, new in new } }
            bench.tick(now.mapValues { Reading($0 * (1 + 0.1 * random.normal())) })
            if let onset = bench.verdicts.first(where: { $0.phase == .onset }) { return second >= 5_400 ? onset : nil }
        }
        return nil
    }

    @Test("a VM that becomes unlike itself is told with the strangest counters first")
    func wholeDetects() throws {
        let verdict = try #require(change([.kvmExits: 900_000, .netTxPackets: 30_000]))
        guard case .joint(let signals) = verdict.detail else {
            Issue.record("no counters are told")
            return
        }
        #expect(Set(signals.prefix(2)) == [.kvmExits, .netTxPackets])
        #expect(verdict.value >= 0.8 && verdict.value <= 1)
    }

    @Test("a VM that is itself is not told, nor one a little busier, nor one that is not seen")
    func wholeQuiet() {
        #expect(change([:]) == nil)
        #expect(change([.cpuUsage: 0.66, .diskWriteOps: 90]) == nil)
        #expect(change([:], missing: true) == nil)
    }
}
