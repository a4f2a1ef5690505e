import Detection
import Signals
import Testing

@Suite("The usual level of a stream")
struct RobustLevelTests {
    let floor = ScaleFloor(.secondsPerSecond)
    let tuning = RobustLevel.Tuning()

    private func learned(_ values: [Double]) -> RobustLevel {
        var level = RobustLevel()
        for value in values { level.learn(value, interval: 1, floor: floor, tuning: tuning) }
        return level
    }

    @Test("level and scale of a normal stream are learned within 15 %")
    func learnsNormal() {
        var random = SplitMix64(seed: 3)
        let level = learned((0..<3_000).map { _ in 0.2 + 0.05 * random.normal() })
        #expect(abs(level.level - 0.2) < 0.01)
        #expect(abs(level.scale(floor) - 0.05) < 0.0075)
    }

    @Test("it is warm at the thirtieth reading and not before")
    func warmUp() {
        #expect(!learned(Array(repeating: 0.1, count: 29)).isWarm(tuning))
        #expect(learned(Array(repeating: 0.1, count: 30)).isWarm(tuning))
    }

    @Test("two wild readings among the first nine do not reach the level")
    func robustStart() {
        var values = Array(repeating: 0.01, count: 30)
        values[0] = 5
        values[3] = 9
        let level = learned(values)
        #expect(abs(level.level - 0.01) < 0.002)
        #expect(level.scale(floor) < 0.01)
    }

    @Test("a wild reading later moves the level by no more than the clip allows")
    func clipsOutliers() {
        var level = learned(Array(repeating: 0.01, count: 100))
        level.learn(1e6, interval: 1, floor: floor, tuning: tuning)
        #expect(level.level > 0.01)
        #expect(level.level < 0.01 + 3 * 0.002 / 300)
    }

    @Test("a stream of zeros keeps the floor as its scale, and learns a new level in the end")
    func zeroDoesNotStick() {
        var level = learned(Array(repeating: 0, count: 200))
        #expect(level.scale(floor) == 0.002)
        for _ in 0..<3_000 { level.learn(0.5, interval: 1, floor: floor, tuning: tuning) }
        #expect(abs(level.level - 0.5) < 0.1)
    }

    @Test("the relative floor holds for a large constant level")
    func relativeFloor() {
        #expect(abs(learned(Array(repeating: 2, count: 50)).scale(floor) - 0.1) < 1e-9)
    }

    @Test("what is no number is passed over")
    func passesOverNonsense() {
        var level = learned(Array(repeating: 0.01, count: 40))
        for value in [Double.nan, .infinity, -.infinity, 1e300] {
            level.learn(value, interval: 1, floor: floor, tuning: tuning)
        }
        #expect(level.count == 40)
        level.learn(0.01, interval: .nan, floor: floor, tuning: tuning)
        #expect(level.level.isFinite && level.scale(floor).isFinite)
    }

    @Test("a longer interval is learned as more time, up to half of it")
    func interval() {
        var brief = learned(Array(repeating: 0.01, count: 100))
        var long = brief
        brief.learn(0.012, interval: 1, floor: floor, tuning: tuning)
        long.learn(0.012, interval: 30, floor: floor, tuning: tuning)
        #expect(long.level > brief.level)
        #expect(long.level < 0.012)
    }

    @Test("every unit has a floor above nothing", arguments: Unit.allCases)
    func floors(_ unit: Unit) {
        #expect(ScaleFloor(unit).absolute > 0)
    }
}
