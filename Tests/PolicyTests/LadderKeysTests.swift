import Policy
import Signals
import Testing

@Suite("Ladders of every contention and step")
struct LadderKeysTests {
    private static let top = "ladders:\n  gentle:\n"

    /// The ladder of the given lines.
    private func plan(_ lines: String...) throws -> LadderPlan {
        let text = Self.top + lines.map { "    \($0)\n" }.joined()
        return try #require(try PolicyLoader.load(text: text, file: "f").ladders["gentle"])
    }

    @Test("every contention can be answered, and the other keys keep their defaults", arguments: Contention.allCases)
    func contentions(_ contention: Contention) throws {
        var expected = LadderPlan(name: "gentle")
        expected.contention = contention
        #expect(try plan("contention: \(contention.rawValue)") == expected)
    }

    @Test("steps of every kind, and what classes begin and end at, reach the ladder")
    func steps() throws {
        var expected = LadderPlan(name: "gentle")
        expected.steps = [.throttle(0.6), .throttle(0.2), .quarantine, .suspend]
        expected.starts = ["batch": .throttle(0.35), "free": .quarantine, "night jobs": .throttle(0.2)]
        expected.ceilings = ["batch": .suspend, "gold": .throttle(0.6), "free": .quarantine]
        expected.suspendFor = 90
        let found = try plan(
            "steps: [60%, 20%, quarantine, suspend]",
            "start: [batch 35%, free quarantine, night jobs  20 %]",
            "ceiling: [batch suspend, 'gold 60%', free quarantine]",
            "suspend-for: 90 s"
        )
        #expect(found == expected)
    }

    @Test(
        "values at the edge of what is accepted are taken, just beyond refused",
        arguments: [
            ("suspend-for", "1 s", "0.9 s"), ("suspend-for", "10 min", "601 s"),
            ("start", "[a 60%]", "[a 61%]"), ("start", "[a 20%]", "[a 19%]"),
            ("ceiling", "[a 60%]", "[a 61%]"), ("ceiling", "[a 20%]", "[a 19%]"),
            ("start", "[a 40%, b 40%]", "[a 40%, a 40%]"), ("steps", "[60%, quarantine]", "[quarantine, 60%]"),
            ("steps", "[quarantine, suspend]", "[suspend]"),
        ]
    )
    func edges(_ key: String, _ inside: String, _ outside: String) {
        let text = Self.top + "    \(key): "
        #expect(PolicyFixtures.problems(text + inside + "\n") == [])
        #expect(PolicyFixtures.problems(text + outside + "\n").map(\.key) == ["ladders.gentle.\(key)"])
    }

    @Test("a class may begin where it ends, but not beyond")
    func order() {
        let text = Self.top + "    ceiling: [a 35%]\n    start: "
        #expect(PolicyFixtures.problems(text + "[a 35%]\n") == [])
        let beyond = PolicyFixtures.problems(text + "[b 20%, a 34%]\n")
        #expect(beyond.map(\.key) == ["ladders.gentle.start"])
        #expect(beyond.map(\.value) == ["a 34%"])
    }

    @Test("a lease must outlast the steps, the time at the last and a suspension, where there is one")
    func lease() {
        let steps = Self.top + "    step-after: 10 s\n    verify: 20 s\n    suspend-for: 1 min\n    steps: "
        #expect(PolicyFixtures.problems(steps + "[60%, 35%, quarantine]\n    lease: 41 s\n") == [])
        #expect(PolicyFixtures.problems(steps + "[60%, 35%, quarantine]\n    lease: 40 s\n").count == 1)
        #expect(PolicyFixtures.problems(steps + "[60%, 35%, suspend]\n    lease: 101 s\n") == [])
        let short = PolicyFixtures.problems(steps + "[60%, 35%, suspend]\n    lease: 100 s\n")
        #expect(short.map(\.key) == ["ladders.gentle.lease"])
        #expect(short.first?.message.contains("take 100 s") == true)
    }

    @Test("a later file replaces the steps of classes as a whole, and 'none' takes them back")
    func overrides() throws {
        let first = Self.top + "    start: [a 35%, b 20%]\n    ceiling: [a 35%]\n"
        func load(_ second: String) throws -> LadderPlan {
            let texts = [("1.yaml", first), ("2.yaml", Self.top + "    \(second)\n")]
            return try #require(try PolicyLoader.load(texts: texts).ladders["gentle"])
        }
        #expect(try load("start: [b 35%]").starts == ["b": .throttle(0.35)])
        #expect(try load("start: none").starts == [:])
        #expect(try load("start: none").ceilings == ["a": .throttle(0.35)])
        #expect(try load("ceiling: none").ceilings == [:])
    }

    @Test("steps that a later file takes away fault what an earlier one gave a class, where that stands")
    func overriddenSteps() {
        let texts = [
            ("1.yaml", Self.top + "    start: [a 35%]\n"), ("2.yaml", Self.top + "    steps: [30%, 20%]\n"),
        ]
        let problems = PolicyFixtures.problems(texts)
        #expect(problems.map(\.file) == ["1.yaml"])
        #expect(problems.map(\.line) == [3])
    }

    @Test(
        "a ladder fits the rules whose victims may suffer over what it answers",
        arguments: [
            ("io.pressure.full", "50%", ["disk"]), ("net.drops", "500 /s", ["network"]),
            ("mem.pressure.full", "50%", ["memory"]), ("perf.cpi", "2 CPI", ["llc", "memory-bandwidth", "bus-lock"]),
            ("gpu.throttle_reasons", "1", ["gpu", "power"]), ("bus.split_locks", "5 /s", ["bus-lock"]),
            ("cpu.usage", "2 cores", []), ("mbm.total", "1 GB/s", []), ("cpu.throttled", "50%", []),
        ]
    )
    func fits(_ signal: String, _ bound: String, _ fitting: [String]) {
        for contention in Contention.allCases {
            let text =
                PolicyFixtures.rule("signal: \(signal)", "above: \(bound)", "ladder: gentle")
                + Self.top + "    contention: \(contention.rawValue)\n"
            let keys = PolicyFixtures.problems(text).map(\.key)
            #expect(keys == (fitting.contains(contention.rawValue) ? [] : ["rules.r.ladder"]), "\(contention)")
        }
    }
}
