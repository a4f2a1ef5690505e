import Testing

@testable import Exposition

@Suite("Metrics as text")
struct ExpositionWriterTests {
    private func text(_ format: ExpositionFormat, _ body: (inout ExpositionWriter) -> Void) -> String {
        var writer = ExpositionWriter(format)
        body(&writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private func some(_ writer: inout ExpositionWriter) {
        writer.begin(MetricFamily("a_build", .info, "The \"build\"."))
        writer.sample(MetricLabels([("version", "1")]), 1)
        writer.begin(MetricFamily("a_wait_seconds", .counter, unit: "seconds", "Time\\waited\nso far."))
        writer.sample(0.25)
        writer.begin(MetricFamily("a_load_ratio", .gauge, unit: "ratio", "Load."))
        writer.sample(MetricLabels([("x", "1"), ("y", "2")]), 1e-5)
        writer.sample(MetricLabels([("x", "1")]).adding(("y", "3")), -2)
    }

    @Test("OpenMetrics: types, units, suffixes and the end are as version 1.0 wants them")
    func openMetrics() {
        let expected = """
            # HELP a_build The \\"build\\".
            # TYPE a_build info
            a_build_info{version="1"} 1
            # HELP a_wait_seconds Time\\\\waited\\nso far.
            # TYPE a_wait_seconds counter
            # UNIT a_wait_seconds seconds
            a_wait_seconds_total 0.25
            # HELP a_load_ratio Load.
            # TYPE a_load_ratio gauge
            # UNIT a_load_ratio ratio
            a_load_ratio{x="1",y="2"} 1e-05
            a_load_ratio{x="1",y="3"} -2
            # EOF

            """
        #expect(text(.openMetrics, some) == expected)
    }

    @Test("Plain text: names of samples in the comments, no units, no end")
    func plainText() {
        let expected = """
            # HELP a_build_info The "build".
            # TYPE a_build_info gauge
            a_build_info{version="1"} 1
            # HELP a_wait_seconds_total Time\\\\waited\\nso far.
            # TYPE a_wait_seconds_total counter
            a_wait_seconds_total 0.25
            # HELP a_load_ratio Load.
            # TYPE a_load_ratio gauge
            a_load_ratio{x="1",y="2"} 1e-05
            a_load_ratio{x="1",y="3"} -2

            """
        #expect(text(.plainText, some) == expected)
    }

    @Test("Whatever a label says, it stays within its quotes and its line", arguments: ExpositionFormat.allCases)
    func hostile(format: ExpositionFormat) {
        let value = "a\"} 1\nquell_up 0\\\\ # {é\u{1F600}"
        let text = text(format) { writer in
            writer.begin(MetricFamily("a", .gauge, "A."))
            writer.sample(MetricLabels([("vm", value)]), 1)
        }
        let line = #"a{vm="a\"} 1\nquell_up 0\\\\ # {é😀"} 1"#
        #expect(text.split(separator: "\n").filter { !$0.hasPrefix("#") } == [line[...]])
    }

    @Test(
        "What is no number is left out, and a family without samples says nothing",
        arguments: ExpositionFormat.allCases
    )
    func nothing(format: ExpositionFormat) {
        let empty = text(format) { writer in
            writer.begin(MetricFamily("a", .gauge, "A."))
            for value in [Double.nan, .infinity, -.infinity] { writer.sample(value) }
            writer.begin(MetricFamily("b", .gauge, "B."))
        }
        #expect(empty == (format == .openMetrics ? "# EOF\n" : ""))
    }

    @Test(
        "Numbers keep all their digits",
        arguments: [0.1, 1 / 3, 1e300, 1e-300, 4_294_967_296, -0.0, 123_456_789.5] as [Double]
    )
    func digits(value: Double) throws {
        let text = text(.plainText) { writer in
            writer.begin(MetricFamily("a", .gauge, "A."))
            writer.sample(value)
        }
        let last = try #require(text.split(separator: "\n").last?.split(separator: " ").last)
        #expect(Double(last) == value)
    }
}
