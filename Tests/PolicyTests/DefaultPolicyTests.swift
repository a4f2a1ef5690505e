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
        #expect(policy.quarantine == QuarantinePlan() && !policy.allowsMemoryHigh && policy.windows.isEmpty)
        #expect(policy.ladders["cpu-throttle"] == LadderPlan(name: "cpu-throttle"))
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

    @Test("no ladder goes further than throttles, and each is of the contention that it is named for")
    func ladders() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        let found = policy.ladders.mapValues(\.contention)
        let expected: [String: Contention] = [
            "cpu-throttle": .cpu, "disk-throttle": .disk, "network-throttle": .network, "bus-lock-throttle": .busLock,
        ]
        #expect(found == expected)
        for plan in policy.ladders.values {
            #expect(plan.steps.allSatisfy { ($0.share ?? 0) >= 0.2 }, "\(plan.name)")
            #expect(plan.starts.isEmpty && plan.ceilings.isEmpty)
            #expect(plan.lease == 300 && plan.raise == 0.1 && plan.acquittal == 600)
        }
    }

    @Test("what is commented out in it loads when the marks are taken away")
    func examples() throws {
        let text = try String(contentsOfFile: PolicyFixtures.defaultPath, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func block(_ first: String, indent: String) throws -> String {
            let start = try #require(lines.firstIndex(of: indent + "# " + first), "\(first)")
            let body = lines[(start + 1)...].prefix { $0.hasPrefix(indent + "#   ") }
            return ([first] + body.map { String($0.dropFirst(indent.count + 2)) }).map { indent + $0 + "\n" }.joined()
        }
        let names = ["cache-throttle", "memory-balloon", "gpu-power-throttle", "cpu-last-resort"]
        let ladders = try names.map { try block($0 + ":", indent: "  ") }.joined()
        let sections = try block("quarantine:", indent: "") + block("windows:", indent: "")
        let policy = try PolicyLoader.load(texts: [("default", text), ("site", sections + "ladders:\n" + ladders)])
        #expect(policy.windows.map(\.name) == ["backups", "cut-over"])
        #expect(policy.quarantine.cpus == CPUSet([0, 1]))
        #expect(Set(policy.ladders.keys).isSuperset(of: names))
        #expect(policy.ladders["cpu-last-resort"]?.steps.last == .suspend)
    }

    @Test("every rule says what it means, and only those with a bound on what the victim suffers are acted on")
    func rules() throws {
        let policy = try PolicyLoader.load(paths: [PolicyFixtures.defaultPath])
        #expect(policy.rules.count >= 15)
        #expect(Set(policy.rules.map(\.name)).count == policy.rules.count)
        #expect(policy.rules.allSatisfy { !$0.summary.isEmpty })
        let acting = policy.rules.filter { $0.ladder != nil }
        let signals: [String: Signal] = [
            "cpu-starved": .cpuRunDelay, "cpu-starved-severely": .cpuRunDelay, "io-pressure": .ioPressureFull,
            "net-drops": .netDrops, "cache-contention": .perfCPI,
        ]
        #expect(Dictionary(uniqueKeysWithValues: acting.map { ($0.name, $0.signal) }) == signals)
        #expect(acting.allSatisfy { $0.role == .victim && $0.above != nil && $0.rest == 0 })
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
