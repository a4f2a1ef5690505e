import Signals
import Testing

@testable import Detection

@Suite("What keeps a level from being led away")
struct AnchorTests {
    /// A floor that is of no account.
    private let floor = ScaleFloor(relative: 0.05, absolute: 1e-6)

    /// A day of a steady level, a reading a minute.
    private func settled(_ level: Double = 1) -> Anchor {
        var anchor = Anchor()
        for _ in 0..<1_440 { anchor.learn(level, interval: 60) }
        return anchor
    }

    @Test("a level near the anchor is usual as it is, up to the tether and no further")
    func boundary() {
        let anchor = settled()
        #expect(anchor.tethered(1.1, downward: false, floor: floor) == 1.1)
        #expect(abs(anchor.tethered(1.5, downward: false, floor: floor) - 1.15) < 1e-9)
        #expect(abs(anchor.tethered(0.5, downward: true, floor: floor) - 0.85) < 1e-9)
    }

    @Test("towards calm a level is followed at once")
    func towardsCalm() {
        let anchor = settled()
        #expect(anchor.tethered(0.2, downward: false, floor: floor) == 0.2)
        #expect(anchor.tethered(9, downward: true, floor: floor) == 9)
    }

    @Test("what is too small to matter is no way off")
    func smallAmounts() {
        let anchor = settled(0.001)
        #expect(anchor.tethered(0.006, downward: false, floor: ScaleFloor(.secondsPerSecond)) == 0.006)
    }

    @Test("before anything was learned, and after readings that are none, the level stands")
    func missing() {
        var anchor = Anchor()
        #expect(anchor.tethered(7, downward: false, floor: floor) == 7)
        anchor.learn(.nan, interval: 1)
        anchor.learn(.infinity, interval: 1)
        #expect(anchor.tethered(7, downward: false, floor: floor) == 7)
    }

    @Test("a lasting change of level is usual after some days")
    func followsInTheEnd() {
        var anchor = settled()
        for _ in 0..<(5 * 1_440) { anchor.learn(2, interval: 60) }
        #expect(anchor.tethered(2, downward: false, floor: floor) == 2)
    }

    @Test("a ramp of a tenth of a per cent a minute for a day fires a learned rule, over a tenth of noise")
    func slowRamp() {
        var bench = Bench([rule(deviation: 4)])
        var random = SplitMix64(seed: 4)
        var fired: Int?
        for minute in 0..<(3 * 1_440) where fired == nil {
            let ramp = 1 + 0.001 * Double(max(0, minute - 2 * 1_440))
            let told = bench.phases(0.1 * ramp * (1 + 0.02 * random.normal()), step: 60)
            if minute >= 2 * 1_440, told.contains(.onset) { fired = minute - 2 * 1_440 }
        }
        #expect(fired != nil)
    }

    @Test("three days of the same noise without a ramp fire nothing")
    func noRamp() {
        var bench = Bench([rule(deviation: 6)])
        var random = SplitMix64(seed: 4)
        var onsets = 0
        for _ in 0..<(3 * 1_440) where bench.phases(0.1 * (1 + 0.02 * random.normal()), step: 60).contains(.onset) {
            onsets += 1
        }
        #expect(onsets == 0)
    }
}
