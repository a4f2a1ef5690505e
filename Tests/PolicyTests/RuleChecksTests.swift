import Policy
import Signals
import Testing

@Suite("What a rule must be")
struct RuleChecksTests {
    /// The one rule of a text.
    private func loaded(_ text: String) throws -> Rule {
        let policy = try PolicyLoader.load(text: text, file: "test.yaml")
        return try #require(policy.rules.first)
    }

    @Test("a rule of the fewest keys has the usual defaults")
    func defaults() throws {
        var expected = Rule(name: "r", signal: .cpuRunDelay, role: .victim)
        expected.above = 0.06
        #expect(try loaded(PolicyFixtures.rule("above: 60 ms/s")) == expected)
    }

    @Test("every key reaches the rule")
    func everyKey() throws {
        let text =
            PolicyFixtures.rule(
                "enabled: yes",
                "summary: 'hurt: badly'",
                "below: 1 ms/s",
                "deviation: 2.5 sigma",
                "for: 250 ms",
                "clear-after: 2 min",
                "clear-at: 50%",
                "severity: critical",
                "classes: [gold, silver]",
                "tenants: [a]",
                "ladder: gentle"
            ) + "ladders:\n  gentle:\n    steps: [50%]\n"
        var expected = Rule(name: "r", signal: .cpuRunDelay, role: .victim)
        expected.summary = "hurt: badly"
        expected.below = 0.001
        expected.deviation = 2.5
        expected.sustain = 0.25
        expected.clearAfter = 120
        expected.clearAt = 0.5
        expected.severity = .critical
        expected.selector = RuleSelector(classes: ["gold", "silver"], tenants: ["a"])
        expected.ladder = "gentle"
        #expect(try loaded(text) == expected)
    }

    @Test("a detector's own keys reach the rule")
    func detectorKeys() throws {
        var expected = Rule(name: "r", signal: .memBalloonUsable, role: .suspect)
        expected.detector = .leak
        expected.below = 64 * 1_048_576
        expected.within = 7_200
        expected.rest = 60
        let leak = PolicyFixtures.rule(
            "signal: mem.balloon_usable",
            "role: suspect",
            "detector: leak",
            "below: 64 MiB",
            "within: 2 h",
            "rest: 1 min"
        )
        #expect(try loaded(leak) == expected)
        let unusual = try loaded(PolicyFixtures.rule("detector: unusual", "score: 99%"))
        #expect(unusual.detector == .unusual && unusual.score == 0.99 && unusual.above == nil)
        let tail = try loaded(PolicyFixtures.rule("detector: tail", "risk: 0.01%"))
        #expect(tail.detector == .tail && tail.risk == 0.0001)
        let shift = try loaded(PolicyFixtures.rule("detector: shift", "deviation: 8 sigma"))
        #expect(shift.detector == .shift && shift.deviation == 8)
        for name in ["boundary", "rhythm"] {
            #expect(try loaded(PolicyFixtures.rule("detector: \(name)")).detector.rawValue == name)
        }
    }

    @Test("companions reach the rule, with bounds for each vCPU and of the host")
    func companionKeys() throws {
        let text = PolicyFixtures.rule(
            "signal: cpu.usage",
            "role: suspect",
            "above: 90%",
            "also: [cpu.usage below 95%, disk.write_ops below 20 /s, host.power_headroom below 10 W]"
        )
        let rule = try loaded(text)
        #expect(rule.above == 0.9 && rule.perVCPU)
        #expect(
            rule.companions == [
                Companion(.cpuUsage, isAbove: false, bound: 0.95, perVCPU: true),
                Companion(.diskWriteOps, isAbove: false, bound: 20),
                Companion(.hostPowerHeadroom, isAbove: false, bound: 10),
            ]
        )
        let inCores = try loaded(PolicyFixtures.rule("signal: cpu.usage", "role: suspect", "above: 2 cores"))
        #expect(!inCores.perVCPU)
    }

    @Test("a later file takes companions back with none")
    func companionsTakenBack() throws {
        let first = PolicyFixtures.rule("above: 60 ms/s", "also: [cpu.usage above 1 cores]")
        let second = "rules:\n  - name: r\n    also: none\n"
        let policy = try PolicyLoader.load(texts: [("a.yaml", first), ("b.yaml", second)])
        #expect(policy.rules.first?.companions == [])
    }

    @Test("every signal of a VM can be watched by its name, with the example of its unit")
    func everySignal() throws {
        for signal in Signal.allCases where signal.scope == .vm {
            let value = signal.unit.text(signal.unit == .ratio || signal.unit == .secondsPerSecond ? 0.5 : 5)
            let rule = try loaded(PolicyFixtures.rule("signal: \(signal.name)", "role: suspect", "above: \(value)"))
            #expect(rule.signal == signal && rule.above != nil, "\(signal)")
        }
    }

    @Test("no signal of the host can be watched", arguments: Signal.allCases.filter { $0.scope == .host })
    func hostSignals(_ signal: Signal) {
        for role in ["victim", "suspect"] {
            let text = PolicyFixtures.rule("signal: \(signal.name)", "role: \(role)", "above: 5")
            let problem = PolicyFixtures.problems(text).first
            #expect(problem?.key == "rules.r.signal" && problem?.value == signal.name)
        }
    }

    @Test("a value that says nothing of the kind is refused for every signal, with what it wants")
    func everyUnit() {
        for signal in Signal.allCases where signal.scope == .vm {
            let text = PolicyFixtures.rule("signal: \(signal.name)", "role: suspect", "above: 5 sigma")
            let problems = PolicyFixtures.problems(text)
            #expect(problems.count == 1)
            #expect(problems.first?.message.hasPrefix("'5 sigma' is a deviation; \(signal.name) wants") == true)
        }
    }

    @Test(
        "bounds at the edge of their range are accepted, just outside refused",
        arguments: [
            ("above", "0.001 ms/s", "0 ms/s"), ("above", "1 s/s", "1.001 s/s"), ("above", "100%", "100.1%"),
            ("below", "0 ms/s", "-0.001 ms/s"), ("below", "1000 ms/s", "1001 ms/s"),
            ("deviation", "1 sigma", "0.99 sigma"), ("deviation", "100 sigma", "101 sigma"),
            ("for", "1 ms", "0.9 ms"), ("for", "1 d", "24.1 h"), ("clear-after", "1 ms", "0 s"),
            ("clear-after", "24 h", "86401 s"), ("clear-at", "1%", "0.9%"), ("clear-at", "100%", "101%"),
        ]
    )
    func edges(_ key: String, _ inside: String, _ outside: String) {
        let condition = ["above", "below", "deviation"].contains(key) ? "summary: it" : "above: 60 ms/s"
        #expect(PolicyFixtures.problems(PolicyFixtures.rule("\(key): \(inside)", condition)) == [])
        let problems = PolicyFixtures.problems(PolicyFixtures.rule("\(key): \(outside)", condition))
        #expect(problems.map(\.key) == ["rules.r.\(key)"])
        #expect(problems.map(\.value) == [outside])
    }

    @Test("a rule needs one condition, and any one is enough")
    func conditions() {
        for condition in ["above: 60 ms/s", "below: 60 ms/s", "deviation: 4 sigma"] {
            #expect(PolicyFixtures.problems(PolicyFixtures.rule(condition)) == [])
        }
        let none = PolicyFixtures.problems(PolicyFixtures.rule("severity: info"))
        #expect(none.map(\.key) == ["rules.r"])
        #expect(none.map(\.line) == [2])
        let unreadable = PolicyFixtures.problems(PolicyFixtures.rule("above:"))
        #expect(unreadable.map(\.message) == ["it has no value; give one or leave the key out"])
    }

    @Test("a ladder needs a victim, a signal of its contention and a definition")
    func ladders() {
        let ladders = "ladders:\n  gentle:\n    steps: [50%]\n"
        func keys(_ lines: String...) -> [String] {
            let text = PolicyFixtures.rule(lines[0], lines[1], "deviation: 4 sigma", "ladder: gentle")
            return PolicyFixtures.problems(text + (lines.count > 2 ? "" : ladders)).map(\.key)
        }
        #expect(keys("signal: cpu.run_delay", "role: victim") == [])
        #expect(keys("signal: cpu.pressure.some", "role: victim") == [])
        #expect(keys("signal: cpu.run_delay", "role: suspect") == ["rules.r.ladder"])
        #expect(keys("signal: perf.cpi", "role: victim") == ["rules.r.ladder"])
        #expect(keys("signal: cpu.throttled", "role: victim") == ["rules.r.ladder"])
        #expect(keys("signal: cpu.run_delay", "role: victim", "no ladders") == ["rules.r.ladder"])
    }

    @Test("a rule that is switched off is left out, but still checked")
    func switchedOff() throws {
        for word in ["no", "false", "off", "No"] {
            let text = PolicyFixtures.rule("above: 60 ms/s", "enabled: \(word)")
            #expect(try PolicyLoader.load(text: text, file: "f").rules == [])
        }
        #expect(PolicyFixtures.problems(PolicyFixtures.rule("above: 60", "enabled: no")).count == 1)
    }

    @Test("all problems of a file are told at once, by position")
    func allAtOnce() {
        let problems = PolicyFixtures.problems(
            """
            mode: enforced
            limits:
              held-vms: many
            rules:
              - name: a
                signal: cpu.run_dely
                role: victum
                above: 5
              - name: b
                signal: cpu.run_delay
                role: suspect
                above: 5
                ladder: gentle
            """
        )
        #expect(
            problems.map(\.key) == [
                "mode", "limits.held-vms", "rules.a.signal", "rules.a.role", "rules.b.above", "rules.b.ladder",
            ]
        )
        #expect(problems.map(\.line) == [1, 3, 6, 7, 12, 13])
        #expect(problems.map(\.suggestion) == ["enforce", nil, "cpu.run_delay", "victim", nil, nil])
    }

    @Test("a problem reads as file, line, column, key, value and what is accepted")
    func description() {
        let problem = PolicyFixtures.problems(PolicyFixtures.rule("above: 200 MiB")).first
        #expect(
            problem?.description
                == "test.yaml:5:12: rules.r.above: '200 MiB' is a size; cpu.run_delay wants time per second, such as 50 ms/s"
        )
    }
}
