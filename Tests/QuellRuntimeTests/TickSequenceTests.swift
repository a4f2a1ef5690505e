import QuellRuntime
import TestSupport
import Testing

@Suite("TickSequence")
struct TickSequenceTests {
    @Test("The first beat comes at once, the next after a period")
    func beats() async {
        let clock = ManualClock()
        var beats = TickSequence(every: .seconds(1), on: clock).makeAsyncIterator()
        #expect(await beats.next() == .init(periods: 1, lag: .zero))
        async let advance: Void = {
            await clock.waitForSleeper()
            clock.advance(by: .seconds(1))
        }()
        #expect(await beats.next() == .init(periods: 1, lag: .zero))
        await advance
    }

    @Test("Beats missed are left out, the phase is kept, and how late a beat came is told")
    func missedBeats() async {
        let clock = ManualClock()
        var beats = TickSequence(every: .seconds(1), on: clock).makeAsyncIterator()
        #expect(await beats.next()?.periods == 1)
        clock.advance(by: .milliseconds(3_400))
        #expect(await beats.next() == .init(periods: 3, lag: .milliseconds(2_400)))
        clock.advance(by: .milliseconds(600))
        #expect(await beats.next() == .init(periods: 1, lag: .zero))
    }

    @Test("It ends when the task is cancelled")
    func cancellation() async {
        let clock = ManualClock()
        let task = Task {
            var count = 0
            for await _ in TickSequence(every: .seconds(1), on: clock) { count += 1 }
            return count
        }
        await clock.waitForSleeper()
        task.cancel()
        #expect(await task.value == 1)
    }
}
