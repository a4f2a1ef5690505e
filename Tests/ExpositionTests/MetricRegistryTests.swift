import CoreMetrics
import Testing

@testable import Exposition

@Suite("What is counted through swift-metrics")
struct MetricRegistryTests {
    private func lines(_ registry: MetricRegistry) -> [String] {
        var writer = ExpositionWriter(.openMetrics)
        registry.write(into: &writer)
        return String(decoding: writer.finish(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("Counters, gauges, recorders and timers are told under the names that they are given, in order")
    func kinds() {
        let registry = MetricRegistry([MetricFamily("b", .counter, "Bees.")])
        Counter(label: "b", dimensions: [("k", "2")], factory: registry).increment(by: 3)
        Counter(label: "b", dimensions: [("k", "1")], factory: registry).increment()
        Counter(label: "b_total", dimensions: [("k", "1")], factory: registry).increment()
        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
        Gauge(label: "g.of-things", factory: registry).record(7)
        let meter = Meter(label: "m", factory: registry)
        meter.set(5)
        meter.decrement(by: 2)
        let recorder = Recorder(label: "r", dimensions: [], aggregate: true, factory: registry)
        for value in [1, 2, 6] { recorder.record(value) }
        Timer(label: "t", factory: registry).recordNanoseconds(1_500_000_000)
        #expect(
            lines(registry) == [
                "# HELP b Bees.", "# TYPE b counter", #"b_total{k="1"} 2"#, #"b_total{k="2"} 3"#,
                "# HELP f Told by a library as f.", "# TYPE f counter", "f_total 0.5",
                "# HELP g_of_things Told by a library as g.of-things.", "# TYPE g_of_things gauge", "g_of_things 7",
                "# HELP m Told by a library as m.", "# TYPE m gauge", "m 3",
                "# HELP r Told by a library as r.", "# TYPE r summary", "r_count 3", "r_sum 9",
                "# HELP t_seconds Told by a library as t_seconds.", "# TYPE t_seconds summary", "t_seconds_count 1",
                "t_seconds_sum 1.5", "# EOF",
            ]
        )
        #expect(registry.leftOut == 0)
    }

    @Test("A name that is there as another kind, and a series too many, are left out and counted")
    func bounds() {
        let registry = MetricRegistry()
        Counter(label: "a", factory: registry).increment()
        Gauge(label: "a", factory: registry).record(9)
        #expect(registry.leftOut == 1)
        for number in 0..<MetricRegistry.mostSeries + 10 {
            Counter(label: "n", dimensions: [("number", "\(number)")], factory: registry).increment()
        }
        #expect(registry.leftOut == 1 + 11)
        let told = lines(registry)
        #expect(told.contains("a_total 1") && told.count { $0.hasPrefix("n_total") } == MetricRegistry.mostSeries - 1)
        Counter(label: "a", factory: registry).increment()
        #expect(lines(registry).contains("a_total 2"), "what is there goes on")
    }

    @Test("What is destroyed is told no more")
    func destroyed() {
        let registry = MetricRegistry()
        let gauge = Gauge(label: "a", dimensions: [("check", "x")], factory: registry)
        gauge.record(1)
        let timer = Timer(label: "t", factory: registry)
        timer.recordNanoseconds(5)
        gauge.destroy()
        timer.destroy()
        #expect(lines(registry) == ["# EOF"])
    }

    @Test("Names that no scraper takes are made into such", arguments: [("", "_"), ("1a", "_1a"), ("é\"\n", "___")])
    func names(label: String, name: String) {
        let registry = MetricRegistry()
        Gauge(label: label, factory: registry).record(1)
        #expect(lines(registry).contains("\(name) 1"))
    }
}
