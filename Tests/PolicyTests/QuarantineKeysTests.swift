import Policy
import Signals
import Testing

@Suite("The quarantine of a policy, its limits and memory.high")
struct QuarantineKeysTests {
    private func load(_ texts: String...) throws -> PolicySet {
        try PolicyLoader.load(texts: texts.enumerated().map { ("\($0.offset + 1).yaml", $0.element) })
    }

    @Test("every key reaches the policy")
    func everyKey() throws {
        let policy = try load(
            """
            memory-high: yes
            limits: {quarantined-vms: 3, suspended-vms: 2}
            quarantine:
              cpus: 0-1,8
              links: anti-spoof
              share: 50%
            """
        )
        #expect(policy.quarantine == QuarantinePlan(cpus: CPUSet([0, 1, 8]), links: .antiSpoof, share: 0.5))
        #expect(policy.allowsMemoryHigh)
        #expect(policy.limits.quarantinedVMs == 3 && policy.limits.suspendedVMs == 2)
        #expect(policy.limits.heldVMs == BlastLimits().heldVMs)
    }

    @Test("nothing of it is on by itself")
    func defaults() throws {
        let policy = try load("version: 1\n")
        #expect(policy.quarantine == QuarantinePlan(cpus: CPUSet(), links: .keep, share: 0.2))
        #expect(!policy.allowsMemoryHigh)
        #expect(policy.limits.quarantinedVMs == 1 && policy.limits.suspendedVMs == 0)
    }

    @Test("a later file replaces it key by key, and 'none' takes the CPUs back")
    func overrides() throws {
        let first = "memory-high: yes\nquarantine: {cpus: 2, links: down, share: 30%}\nlimits: {quarantined-vms: 4}\n"
        let policy = try load(first, "quarantine: {share: 40%}\nlimits: {suspended-vms: 1}\n")
        #expect(policy.quarantine == QuarantinePlan(cpus: CPUSet([2]), links: .down, share: 0.4))
        #expect(policy.limits.quarantinedVMs == 4 && policy.limits.suspendedVMs == 1 && policy.allowsMemoryHigh)
        let free = try load(first, "memory-high: no\nquarantine:\n  cpus: none\n")
        #expect(free.quarantine == QuarantinePlan(links: .down, share: 0.3) && !free.allowsMemoryHigh)
    }

    @Test(
        "values at the edge of their range are accepted, just outside refused",
        arguments: [
            ("quarantine", "share", "10%", "9.9%"), ("quarantine", "share", "100%", "101%"),
            ("quarantine", "cpus", "0-8191", "0-8192"), ("quarantine", "cpus", "3", "-3"),
            ("quarantine", "cpus", "1-1", "2-1"), ("limits", "quarantined-vms", "0", "-1"),
            ("limits", "quarantined-vms", "10000", "10001"), ("limits", "suspended-vms", "0", "0.5"),
            ("limits", "suspended-vms", "10000", "10001"),
        ]
    )
    func edges(_ section: String, _ key: String, _ inside: String, _ outside: String) {
        #expect(PolicyFixtures.problems("\(section):\n  \(key): \(inside)\n") == [])
        let problems = PolicyFixtures.problems("\(section):\n  \(key): \(outside)\n")
        #expect(problems.map(\.key) == ["\(section).\(key)"])
        #expect(problems.map(\.value) == [outside])
    }

    @Test("every way with the links is accepted by its name", arguments: QuarantinePlan.Links.allCases)
    func links(_ links: QuarantinePlan.Links) throws {
        #expect(try load("quarantine: {links: \(links.rawValue)}\n").quarantine.links == links)
    }
}
