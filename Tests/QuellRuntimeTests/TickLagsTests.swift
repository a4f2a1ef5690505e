import Testing

@testable import QuellRuntime

@Suite("Tick lags")
struct TickLagsTests {
    @Test("There is nothing to tell before the first tick")
    func empty() {
        #expect(TickLags().summary == nil)
    }

    @Test("Percentiles are the nearest ranks, so that one tick in a hundred may be later than the 99th")
    func ranks() {
        var lags = TickLags()
        for tick in (1...100).reversed() { lags.note(Double(tick)) }
        #expect(lags.summary == TickLags.Summary(ticks: 100, median: 50, p99: 99, worst: 100))
    }

    @Test("A single tick is its own median, 99th percentile and worst")
    func single() {
        var lags = TickLags()
        lags.note(0.25)
        #expect(lags.summary == TickLags.Summary(ticks: 1, median: 0.25, p99: 0.25, worst: 0.25))
    }

    @Test("Only the latest ticks count")
    func window() {
        var lags = TickLags()
        lags.note(1_000)
        for _ in 1..<TickLags.window { lags.note(1) }
        #expect(lags.summary?.worst == 1_000)
        lags.note(1)
        #expect(lags.summary == TickLags.Summary(ticks: TickLags.window, median: 1, p99: 1, worst: 1))
    }

    @Test("A tick that seems to come before it is due is not late")
    func early() {
        var lags = TickLags()
        lags.note(-1)
        #expect(lags.summary?.worst == 0)
    }
}
