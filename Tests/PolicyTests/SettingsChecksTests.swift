import Policy
import Signals
import Testing

@Suite("What settings and ladders must be")
struct SettingsChecksTests {
    /// The ladder of the given lines.
    private func plan(_ lines: String...) throws -> LadderPlan {
        let text = "ladders:\n  gentle:\n" + lines.map { "    \($0)\n" }.joined()
        return try #require(try PolicyLoader.load(text: text, file: "f").ladders["gentle"])
    }

    @Test("a ladder of one key has the usual defaults, and every key reaches it")
    func everyKey() throws {
        var expected = LadderPlan(name: "gentle")
        #expect(try plan("contention: cpu") == expected)
        expected.steps = [.throttle(0.8), .throttle(0.5)]
        expected.stepAfter = 4
        expected.lease = 1_800
        expected.calm = 20
        expected.raise = 0.05
        expected.raiseEvery = 2
        expected.verify = 30
        expected.acquittal = 3_600
        let full = try plan(
            "contention: cpu",
            "steps: [80%, 50%]",
            "step-after: 4 s",
            "lease: 30 min",
            "calm: 20 s",
            "raise: 5%",
            "raise-every: 2 s",
            "verify: 30 s",
            "acquittal: 1 h"
        )
        #expect(full == expected)
    }

    @Test(
        "ladder values at the edge of their range are accepted, just outside refused",
        arguments: [
            ("steps", "[100%]", "[101%]"), ("steps", "[10%]", "[9.9%]"), ("steps", "[60%, 59%]", "[60%, 60%]"),
            ("steps", "[90%, 80%, 70%, 60%, 50%, 40%, 30%, 20%, 15%, 10%]", "[]"),
            ("steps", "[50%]", "[99%, 90%, 80%, 70%, 60%, 50%, 40%, 30%, 20%, 15%, 10%]"),
            ("raise", "10%", "10.1%"), ("raise", "0.1%", "0%"), ("lease", "1 d", "25 h"), ("lease", "22 s", "21 s"),
            ("step-after", "1 ms", "0 s"), ("calm", "1 d", "2 d"), ("raise-every", "1 ms", "-1 s"),
            ("verify", "4 min", "0 s"), ("acquittal", "1 d", "1.1 d"),
        ]
    )
    func edges(_ key: String, _ inside: String, _ outside: String) {
        let text = "ladders:\n  gentle:\n    \(key): "
        #expect(PolicyFixtures.problems(text + inside + "\n") == [])
        #expect(PolicyFixtures.problems(text + outside + "\n").map(\.key) == ["ladders.gentle.\(key)"])
    }

    @Test("a lease that ends before the last step is verified is refused where the lease is not given too")
    func leaseByDefault() {
        let problems = PolicyFixtures.problems("ladders:\n  gentle:\n    verify: 1 h\n")
        #expect(problems.map(\.key) == ["ladders.gentle.lease"])
        #expect(problems.map(\.line) == [2])
    }

    @Test(
        "limits at the edge of their range are accepted, just outside refused",
        arguments: [
            ("held-vms", "0", "-1"), ("held-vms", "10000", "10001"), ("held-vcpu-share", "0%", "-1%"),
            ("held-vcpu-share", "100%", "100.5%"), ("actions-per-minute", "0", "0.5"),
            ("actions-per-minute", "600", "601"),
        ]
    )
    func limits(_ key: String, _ inside: String, _ outside: String) {
        #expect(PolicyFixtures.problems("limits:\n  \(key): \(inside)\n") == [])
        let problems = PolicyFixtures.problems("limits:\n  \(key): \(outside)\n")
        #expect(problems.map(\.key) == ["limits.\(key)"])
        #expect(problems.map(\.value) == [outside])
    }

    @Test("mode, limits and protection reach the policy; a UUID is kept in its canonical form")
    func settings() throws {
        let policy = try PolicyLoader.load(
            text: """
                version: 1
                mode: enforce
                limits: {held-vms: 5, held-vcpu-share: 40%, actions-per-minute: 10}
                protect:
                  vms: [db-primary, 6F9619FF-8B86-D011-B42D-00CF4FC964FF, "yes", 42]
                  tenants: [infra]
                """,
            file: "f"
        )
        #expect(policy.mode == .enforce)
        #expect(policy.limits == BlastLimits(heldVMs: 5, heldVCPUShare: 0.4, actionsPerMinute: 10))
        #expect(policy.protectedVMs == ["db-primary", "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "yes", "42"])
        #expect(policy.protectedTenants == ["infra"])
    }

    @Test("a file that says nothing of a setting leaves its default")
    func defaults() throws {
        #expect(try PolicyLoader.load(text: "version: 1\n", file: "f") == PolicySet())
    }
}
