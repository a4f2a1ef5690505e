import Foundation
import Policy
import Signals
import Testing

@Suite("The shipped policy")
struct DefaultPolicyTests {
    @Test("it loads, in dry run, with the limits of a fresh install")
    func loads() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        #expect(policy.mode == .dryRun)
        #expect(policy.limits == BlastLimits())
        #expect(policy.protectedVMs.isEmpty && policy.protectedTenants.isEmpty)
        #expect(policy.ladders == ["cpu-throttle": LadderPlan(name: "cpu-throttle")])
    }

    @Test("its directory gives the same policy as the file")
    func directory() throws {
        let directory = PolicyFixtures.root.appendingPathComponent("Thresholds").path
        let whole = try PolicyLoader.load(paths: [directory])
        #expect(try PolicyLoader.load(paths: [PolicyFixtures.defaultPath]) == whole)
    }

    @Test("the first rule is compiled to the last field")
    func firstRule() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        var expected = Rule(name: "cpu-starved", signal: .cpuRunDelay, role: .victim)
        expected.summary = "its vCPUs wait to run far longer than is usual for it"
        expected.above = 0.06
        expected.deviation = 4
        expected.sustain = 1
        expected.clearAfter = 5
        expected.clearAt = 0.7
        expected.severity = .warning
        expected.ladder = "cpu-throttle"
        #expect(policy.rules.first == expected)
    }

    @Test("every rule says what it means, and only contention for the CPU is acted on")
    func rules() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        #expect(policy.rules.count >= 15)
        #expect(Set(policy.rules.map(\.name)).count == policy.rules.count)
        #expect(policy.rules.allSatisfy { !$0.summary.isEmpty })
        #expect(policy.rules.filter { $0.ladder != nil }.map(\.name) == ["cpu-starved", "cpu-starved-severely"])
        for rule in policy.rules where rule.ladder != nil { #expect(rule.signal == .cpuRunDelay) }
    }

    @Test("every rule that learns its level has a ceiling beside it")
    func ceilings() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        #expect(policy.rules.allSatisfy { $0.above != nil || ($0.detector == .leak && $0.below != nil) })
        #expect(policy.rules.contains { $0.signal == .cpuRunDelay && $0.deviation == nil && $0.severity == .critical })
    }

    @Test("every rule in the file has a comment above it for the operator who tunes it")
    func comments() throws {
        let text = try String(contentsOfFile: PolicyFixtures.defaultPath, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.hasPrefix("  - name:") {
            #expect(lines[index - 1].hasPrefix("  # "), "\(line)")
        }
    }

    @Test("every bound is read back from the text that Quell shows for it")
    func bounds() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        for rule in policy.rules {
            let bound = try #require(rule.above ?? rule.below)
            let text = """
                rules:
                  - name: again
                    signal: \(rule.signal)
                    role: suspect
                    \(rule.above == nil ? "below" : "above"): \(rule.signal.unit.text(bound))
                """
            let again = try PolicyLoader.load(text: text, file: "again.yaml")
            let back = try #require(again.rules.first?.above ?? again.rules.first?.below)
            #expect(abs(back - bound) <= bound * 0.005 + 0.0001, "\(rule.name)")
        }
    }
}
