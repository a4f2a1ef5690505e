import Sampling
import Testing

@Suite("LoadGauge")
struct LoadGaugeTests {
    /// Feeds lags to a gauge; says after which of them it changed, from 1.
    private func changes(_ gauge: inout LoadGauge, _ lags: [Double?]) -> [Int] {
        var changes: [Int] = []
        for (index, lag) in lags.enumerated() where gauge.note(lag) { changes.append(index + 1) }
        return changes
    }

    @Test("three late ticks in a row mean load, and a minute in time ends it")
    func edges() {
        var gauge = LoadGauge()
        #expect(changes(&gauge, [0.2, 0.2, 0.2, 0.2]) == [3])
        #expect(gauge.isUnderLoad)
        #expect(changes(&gauge, Array(repeating: 0, count: 70)) == [60])
        #expect(!gauge.isUnderLoad)
    }

    @Test("late ticks apart mean nothing, and one late tick begins the minute anew")
    func apart() {
        var gauge = LoadGauge()
        #expect(changes(&gauge, [0.2, 0.2, 0, 0.2, 0.2, 0, 0.2, 0.2]).isEmpty)
        #expect(changes(&gauge, [0.2]) == [1])
        #expect(changes(&gauge, Array(repeating: 0, count: 59) + [0.2] + Array(repeating: 0, count: 60)) == [120])
    }

    @Test("a tick that is late by just what is tolerated is in time")
    func boundary() {
        var gauge = LoadGauge()
        #expect(changes(&gauge, Array(repeating: LoadGauge.tolerance, count: 10)).isEmpty)
        #expect(changes(&gauge, Array(repeating: LoadGauge.tolerance.nextUp, count: 3)) == [3])
    }

    @Test("a tick of unknown lag changes nothing, in either state")
    func missing() {
        var gauge = LoadGauge()
        #expect(changes(&gauge, [0.2, nil, 0.2, nil, 0.2]) == [5])
        #expect(changes(&gauge, [nil]).isEmpty)
        #expect(gauge.isUnderLoad)
    }
}
