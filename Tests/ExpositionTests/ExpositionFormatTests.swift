import Exposition
import Testing

@Suite("What a scraper wants")
struct ExpositionFormatTests {
    @Test(
        "OpenMetrics where it is liked best, plain text else",
        arguments: [
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true
            ),
            ("application/openmetrics-text", true), ("Application/OpenMetrics-Text; version=\"1.0.0\"; q=1.0", true),
            ("text/plain, application/openmetrics-text; version=1.0.0", true),
            ("application/openmetrics-text; version=0.0.1", false),
            ("application/openmetrics-text;version=2.0.0", false),
            ("text/plain;version=0.0.4", false), ("*/*", false), ("", false), ("text/html", false),
            ("application/openmetrics-text;q=0.2,text/plain;q=0.9", false),
            ("application/openmetrics-text;q=0", false), ("application/openmetrics-text;q=nan", false),
            (";;,,=;q=", false), (String(repeating: "a/b,", count: 10_000), false),
        ]
    )
    func accept(header: String, isOpen: Bool) {
        #expect((ExpositionFormat(accept: header) == .openMetrics) == isOpen)
    }
}
