import Foundation
import Signals
import Testing

@testable import Policy

@Suite("The schema and the reference of threshold files")
struct PolicySchemaTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: PolicyFixtures.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("the kept schema is what is generated: quell check --schema >Thresholds/policy.schema.json")
    func kept() throws {
        #expect(try text("Thresholds/policy.schema.json") == PolicySchema.file)
    }

    @Test("the tables of Docs/Policy.md are what is generated: quell check --reference, behind the marker")
    func reference() throws {
        let parts = try text("Docs/Policy.md").components(separatedBy: "<!-- quell check --reference -->\n\n")
        #expect(parts.count == 2 && parts.last == PolicyReference.markdown)
    }

    /// The properties of a section, or of the top.
    private func properties(_ section: PolicySection) throws -> [String: Any] {
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(PolicySchema.file.utf8)) as? [String: Any]
        )
        let definitions = try #require(root["$defs"] as? [String: Any])
        let node = section == .top ? root : try #require(definitions[section.rawValue] as? [String: Any])
        #expect(node["additionalProperties"] as? Bool == false)
        return try #require(node["properties"] as? [String: Any])
    }

    @Test("it knows every key that the compiler knows, and no other", arguments: PolicySection.allCases)
    func keys(_ section: PolicySection) throws {
        #expect(Set(try properties(section).keys) == Set(section.keys.map(\.name)))
    }

    @Test("it knows every signal of VMs, every contention, detector, severity and effect")
    func words() throws {
        let text = PolicySchema.file
        let words =
            Signal.allCases.filter { $0.scope == .vm }.map(\.name) + Contention.allCases.map(\.rawValue)
            + Rule.Detector.allCases.map(\.rawValue) + Severity.allCases.map(\.rawValue)
            + QuarantinePlan.Links.allCases.map(\.rawValue) + MaintenanceWindow.Effect.allCases.map(\.rawValue)
        #expect(words.allSatisfy { text.contains("\"\($0)\"") })
    }

    @Test("JSON is written so that it is read back, whatever a text holds")
    func json() throws {
        let hostile = "a\"b\\c\nd\u{1}é"
        let node: JSONNode = ["t": .text(hostile), "n": 2, "f": 0, "l": [true, .number(0.25)]]
        let back = try #require(try JSONSerialization.jsonObject(with: Data(node.file.utf8)) as? [String: Any])
        #expect(back["t"] as? String == hostile && back["n"] as? Int == 2 && (back["l"] as? [Any])?.count == 2)
        #expect(node.adding(["z": 1]).file.hasSuffix("\"z\": 1}\n"))
    }

    @Test("every shipped file tells an editor where the schema is")
    func modelines() throws {
        let names = try #require(
            FileManager.default.enumerator(atPath: PolicyFixtures.root.appendingPathComponent("Thresholds").path)
        ).compactMap { $0 as? String }.filter { $0.hasSuffix(".yaml") }
        #expect(names.contains("default.yaml"))
        for name in names {
            let first = try text("Thresholds/" + name).prefix { $0 != "\n" }
            #expect(first == "# yaml-language-server: $schema=\(PolicySchema.installed)", "\(name)")
        }
    }
}
