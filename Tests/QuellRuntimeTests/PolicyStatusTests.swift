import Policy
import Testing

@testable import QuellRuntime

@Suite("PolicyStatus")
struct PolicyStatusTests {
    private let source = PolicySource(named: ["/etc/quell/a.yaml"])

    private func policy(_ mode: String) throws -> PolicySet {
        let rule = "rules:\n  - {name: only, signal: cpu.usage, role: suspect, above: 3 cores, summary: s}\n"
        return try PolicyText("version: 1\nmode: \(mode)\n\(rule)", file: "a.yaml").policy()
    }

    @Test("It tells the mode in force, the rules and where they are from")
    func good() throws {
        #expect(source.status(of: try policy("dry-run")) == "dry-run, 1 rules from /etc/quell/a.yaml")
        #expect(source.status(of: try policy("enforce")) == "enforce, 1 rules from /etc/quell/a.yaml")
    }

    @Test("Where files are refused it tells what is in force nevertheless, and the first of what is wrong")
    func refused() throws {
        let one = source.status(of: try policy("enforce"), refused: ["a.yaml:4:5: no"])
        #expect(one == "enforce, 1 rules as before, since the files are wrong: a.yaml:4:5: no")
        let two = source.status(of: try policy("enforce"), refused: ["a.yaml:4:5: no", "a.yaml:6:5: nor this"])
        #expect(two.hasSuffix("a.yaml:4:5: no and 1 more"))
        #expect(!two.contains("from /etc"))
    }
}
