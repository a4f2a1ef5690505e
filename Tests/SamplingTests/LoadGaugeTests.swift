import Sampling
import Testing

@Suite("LoadGauge")
struct LoadGaugeTests {
    @Test("three late ticks in a row mean load, and a minute in time ends it")
    func edges() {
        var gauge = LoadGauge()
        #expect([0.2, 0.2].allSatisfy { !gauge.note($0) })
        #expect(gauge.note(0.2) && gauge.isUnderLoad)
        #expect((0..<59).allSatisfy { _ in !gauge.note(0) })
        #expect(gauge.note(0) && !gauge.isUnderLoad)
    }

    @Test("two late ticks, or late ticks apart, mean nothing")
    func apart() {
        var gauge = LoadGauge()
        for _ in 0..<10 { #expect([0.2, 0.2, 0].allSatisfy { !gauge.note($0) }) }
        #expect(!gauge.isUnderLoad)
    }

    @Test("a tick that is late by just what is tolerated is in time")
    func boundary() {
        var gauge = LoadGauge()
        #expect((0..<10).allSatisfy { _ in !gauge.note(LoadGauge.tolerance) })
        #expect((0..<3).contains { _ in gauge.note(LoadGauge.tolerance.nextUp) })
    }

    @Test("a tick of unknown lag changes nothing, in either state")
    func missing() {
        var gauge = LoadGauge()
        #expect(!gauge.note(0.2) && !gauge.note(nil) && !gauge.note(0.2))
        #expect(gauge.note(0.2))
        #expect(!gauge.note(nil) && gauge.isUnderLoad)
    }
}
