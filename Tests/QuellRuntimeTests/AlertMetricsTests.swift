import Exposition
import Reporting
import Signals
import Testing

@testable import QuellRuntime

@Suite("Alerts as counters")
struct AlertMetricsTests {
    private let registry = MetricRegistry(MetricTable.counted.map(\.family))

    private func text() throws -> MetricsText {
        var writer = ExpositionWriter(.openMetrics)
        registry.write(into: &writer)
        return try MetricsText(writer.finish(), .openMetrics)
    }

    @Test("Every kind starts at 0, so that its first alert is a rise")
    func zero() throws {
        _ = AlertMetrics(registry) { 5 }
        let text = try text()
        #expect(text.of("quell_alerts_total").count == MessageID.allCases.count)
        #expect(text.of("quell_actions_total").map(\.value) == [0, 0, 0, 0, 0, 0, 0])
        #expect(text.samples.allSatisfy { $0.value == 0 })
        #expect(text.types["quell_alerts"] == "counter" && text.types["quell_policy_last_load_successful"] == "gauge")
    }

    @Test("Alerts count by kind, told or left out; actions by what became of them; rules by name")
    func counts() throws {
        var metrics = AlertMetrics(registry) { 5 }
        metrics.note(Alert(.victimOnset, .warning, "a", [.rule: "cpu-starved"]), isTold: true)
        metrics.note(Alert(.victimOnset, .warning, "a", [.rule: "cpu-starved"]), isTold: false)
        metrics.note(Alert(.suspectOnset, .warning, "a", [.rule: "scan"]), isTold: true)
        metrics.note(Alert(.throttleApplied, .notice, "a", [.rule: "because \"I\" say so"]), isTold: true)
        metrics.note(Alert(.actionFailed, .warning, "a"), isTold: true)
        metrics.lose(3)
        let text = try text()
        #expect(text.value("quell_alerts_total", ["kind": "victim-onset"]) == 2)
        #expect(text.value("quell_alerts_suppressed_total", ["kind": "victim-onset"]) == 1)
        #expect(text.value("quell_rule_onsets_total", ["rule": "cpu-starved", "role": "victim"]) == 2)
        #expect(text.value("quell_rule_onsets_total", ["rule": "scan", "role": "suspect"]) == 1)
        #expect(text.of("quell_rule_onsets_total").count == 2, "what a person writes is no rule")
        #expect(text.value("quell_actions_total", ["outcome": "held"]) == 1)
        #expect(text.value("quell_actions_total", ["outcome": "failed"]) == 1)
        #expect(text.value("quell_alerts_lost_total") == 3)
    }

    @Test("A policy that is refused shows until one is taken, and when that was")
    func policy() throws {
        var seconds = 5.0
        var metrics = AlertMetrics(registry) { [seconds] in seconds }
        metrics.note(.policyLoaded(rules: 1, files: 1, mode: "enforce"), isTold: true)
        #expect(try text().value("quell_policy_last_load_successful") == 1)
        seconds = 9
        metrics.note(.policyRejected(["a.yaml:1:1: no"]), isTold: true)
        let text = try text()
        #expect(text.value("quell_policy_last_load_successful") == 0)
        #expect(text.value("quell_policy_last_good_load_timestamp_seconds") == 5)
        #expect(text.value("quell_policy_loads_total", ["outcome": "refused"]) == 1)
    }

    @Test("However many rules come and go, few are counted by name")
    func manyRules() throws {
        var metrics = AlertMetrics(registry) { 5 }
        for number in 0..<AlertMetrics.mostRules + 100 {
            metrics.note(Alert(.suspectOnset, .warning, "a", [.rule: "rule-\(number)"]), isTold: true)
        }
        let text = try text()
        #expect(text.of("quell_rule_onsets_total").count == AlertMetrics.mostRules + 1)
        #expect(text.value("quell_rule_onsets_total", ["rule": "others"]) == 100)
        #expect(registry.leftOut == 0)
    }
}
