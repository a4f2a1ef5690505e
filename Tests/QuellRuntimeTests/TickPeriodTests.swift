import QuellRuntime
import Testing

@Suite("TickPeriod")
struct TickPeriodTests {
    @Test(
        "A period is read in seconds or milliseconds and written so that it reads the same",
        arguments: [
            ("1s", Duration.seconds(1)), ("1 s", .seconds(1)), ("60s", .seconds(60)), ("100ms", .milliseconds(100)),
            ("1500ms", .milliseconds(1_500)), ("60000 ms", .seconds(60)),
        ]
    )
    func good(text: String, duration: Duration) throws {
        let period = try #require(TickPeriod(text))
        #expect(period.duration == duration)
        #expect(TickPeriod(period.text) == period)
    }

    @Test(
        "Anything else, and what lies outside 100 ms to 60 s, is refused",
        arguments: [
            "", "s", "ms", "1", "1m", "-1s", "1.5s", "99ms", "61s", "60001ms", "1  s", "٣s", "99999999999999999999s",
            "1 s ",
        ]
    )
    func bad(text: String) {
        #expect(TickPeriod(text) == nil)
    }
}
