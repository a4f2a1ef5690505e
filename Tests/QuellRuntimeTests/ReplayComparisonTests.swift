import Demo
import Foundation
import Policy
import Signals
import Testing
import Traces

@testable import QuellRuntime

@Suite("Replay of a trace under two policies")
struct ReplayComparisonTests {
    /// A trace of a scripted host.
    private func trace(_ vms: [ScriptedVM] = ScriptedVM.demoHost, seconds: Int = 150) -> [UInt8] {
        var host = ScriptedHost(vms: vms)
        var encoder = TraceEncoder()
        var bytes: [UInt8] = []
        for _ in 0..<seconds {
            host.advance()
            encoder.encode(host.frame, into: &bytes)
        }
        encoder.finish(into: &bytes)
        return bytes
    }

    private func policy(_ site: String = "version: 1\n") throws -> PolicySet { try Profile.policy([], site: site) }

    private func compare(_ new: PolicySet, _ old: PolicySet, _ traces: [[UInt8]]) -> ReplayComparisonReport {
        var comparison = ReplayComparison(new: new, old: old)
        for trace in traces { comparison.run(trace) }
        return comparison.report()
    }

    @Test("A policy does not differ from itself, whatever its mode")
    func itself() throws {
        var enforcing = try policy()
        enforcing.mode = .enforce
        let report = compare(try policy(), enforcing, [trace()])
        #expect(report.differences.isEmpty && report.sameAlerts > 5 && report.sameHolds > 0)
        #expect(report.ticks == 150 && report.vms == 8 && report.span == 149 && report.ending == "complete")
        #expect(report.description.hasPrefix("0 alerts and 0 holds differ, "))
    }

    @Test("A rule that is switched off is only the old policy's, on every VM that it fired on")
    func onlyOld() throws {
        let new = try policy("rules: [{name: memory-growth, enabled: no}]")
        let report = compare(new, try policy("rules: [{name: memory-growth, for: 10 s}]"), [trace()])
        let difference = try #require(report.differences.first)
        #expect(report.differences.count == 1)
        #expect(difference.name == "media-cache" && difference.what == "memory-growth" && difference.kind == "alert")
        #expect(difference.change == "only-old" && difference.new == nil && difference.old?.to == nil)
        #expect(difference.old.map { $0.from >= 39 && $0.severity == "notice" } == true)
        let back = compare(try policy("rules: [{name: memory-growth, for: 10 s}]"), new, [trace()])
        #expect(back.differences.map(\.change) == ["only-new"] && back.differences[0].new == difference.old)
    }

    @Test("A longer 'for' moves the onset, and with it the hold; the step of a class changes the hold alone")
    func changed() throws {
        let slow = try policy("rules: [{name: cpu-starved, for: 6 s}, {name: cpu-starved-severely, enabled: no}]")
        let fast = try policy("rules: [{name: cpu-starved-severely, enabled: no}]")
        let report = compare(slow, fast, [trace()])
        let alert = try #require(report.differences.first { $0.name == "shop-db" && $0.what == "cpu-starved" })
        #expect(alert.change == "changed")
        #expect(try #require(alert.new).from == #require(alert.old).from + 5)
        #expect(alert.new?.blamed == ["labs-batch"])
        let hold = try #require(report.differences.first { $0.kind == "hold" })
        #expect(hold.name == "labs-batch" && hold.what == "cpu" && hold.change == "changed")
        #expect(try #require(hold.new).from > #require(hold.old).from)
        #expect(hold.old?.reason == "calm" && hold.old?.steps.map(\.step) == ["60%"])

        let classes = try policy("ladders: {cpu-throttle: {start: [standard 20%]}}")
        let steps = compare(classes, try policy(), [trace()])
        #expect(steps.differences.allSatisfy { $0.kind == "hold" && $0.change == "changed" })
        #expect(steps.differences.first?.new?.steps.first?.step == "20%")
    }

    @Test("Severity alone is a difference, a summary is none")
    func severity() throws {
        let report = compare(try policy("rules: [{name: cpu-starved, severity: critical}]"), try policy(), [trace()])
        #expect(!report.differences.isEmpty && report.differences.allSatisfy { $0.what == "cpu-starved" })
        #expect(report.differences.allSatisfy { $0.new?.severity == "critical" && $0.old?.severity == "warning" })
        let same = compare(try policy("rules: [{name: cpu-starved, summary: other words}]"), try policy(), [trace()])
        #expect(same.differences.isEmpty)
    }

    @Test("What fires twice on one side and once on the other is paired where it overlaps")
    func pairs() throws {
        let vms = ScriptedVM.demoHost.map { vm in
            var vm = vm
            if vm.record.name == "labs-batch" { vm.demand = .bursty(low: 0.4, high: 7.6, on: 30, period: 90) }
            return vm
        }
        // Learning under noise from the first second, so bounds alone are compared.
        let bounds = "rules: [{name: cpu-starved, deviation: none}]"
        let patient = "rules: [{name: cpu-starved, deviation: none, clear-after: 3 min}]"
        let report = compare(try policy(patient), try policy(bounds), [trace(vms, seconds: 200)])
        let alerts = report.differences.filter { $0.name == "shop-db" && $0.what == "cpu-starved" }
        #expect(alerts.map(\.change) == ["changed", "only-old", "only-old"])
        #expect(alerts.first?.new?.to == nil)
    }

    @Test("Two runs of the daemon in one trace are compared each by itself, and damage is told once")
    func runs() throws {
        var second = trace(seconds: 100)
        second.removeLast(10)
        let report = compare(
            try policy("rules: [{name: cpu-starved, severity: critical}]"),
            try policy(),
            [trace(), second]
        )
        #expect(report.ticks == 249 && report.ending == "cut")
        let times = report.differences.filter { $0.name == "shop-db" }.compactMap(\.new?.from)
        #expect(times.count >= 2)
        #expect(compare(try policy(), try policy(), [trace(), second]).differences.isEmpty)
    }

    @Test("Its JSON has a shape that can be read back, and a hostile name stays on its line")
    func shape() throws {
        var vms = ScriptedVM.demoHost
        vms[0].record.name = "evil\u{1b}[2J\nname"
        let report = compare(try policy("rules: [{name: cpu-starved, severity: critical}]"), try policy(), [trace(vms)])
        #expect(report.differences.contains { $0.name == vms[0].record.name })
        #expect(!report.description.contains("\u{1b}") && !report.description.contains("\nname"))
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(ReplayComparisonReport.self, from: data) == report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let keys: Set = [
            "differences", "sameAlerts", "sameHolds", "ticks", "vms", "span", "lost", "problems", "ending", "seconds",
        ]
        #expect(Set(object.keys) == keys)
        let first = try #require((object["differences"] as? [[String: Any]])?.first)
        #expect(Set(first.keys) == ["kind", "vm", "name", "what", "change", "new", "old"])
        let span = try #require(first["new"] as? [String: Any])
        #expect(Set(span.keys).isSuperset(of: ["from", "rule", "severity", "blamed", "steps"]))
    }
}
