import Foundation
import Testing

@testable import QuellRuntime

/// What commands print with `--json` is what scripts of operators are built on: it changes only with its page.
@Suite("JSON of the commands")
struct JSONShapesTests {
    private static let reports: [(command: String, type: any Decodable.Type)] = [
        ("status", StatusReport.self), ("top", TopReport.self), ("vms", [VMReport].self), ("leases", [LeaseReport].self),
        ("explain", ExplainReport.self), ("hold", HoldReport.self), ("release", ReleaseReport.self),
        ("disarm", SwitchReport.self), ("arm", SwitchReport.self), ("doctor", DoctorReport.self),
        ("audit", AuditReport.self), ("turnover", TurnoverReport.self), ("check", CheckReport.self),
    ]

    /// The lines of the block under a command's heading in the page.
    private static func documented(_ command: String) throws -> [String]? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let page = root.deletingLastPathComponent().appendingPathComponent("Docs/Json.md")
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        guard let heading = lines.firstIndex(of: "## `quell \(command)`") else { return nil }
        let block = lines[heading...].drop { $0 != "```" }.dropFirst()
        return Array(block.prefix { $0 != "```" })
    }

    @Test("Every key that a command prints is in its page with its kind, and no other", arguments: reports.map(\.command))
    func documented(command: String) throws {
        let type = try #require(Self.reports.first { $0.command == command }?.type)
        let shape = try ShapeRecorder.shape(of: type)
        #expect(!shape.isEmpty)
        let documented = try #require(try Self.documented(command), "Docs/Json.md has no such heading")
        #expect(documented == shape, "Docs/Json.md should hold:\n\(shape.joined(separator: "\n"))")
    }

    @Test("A shape holds what may be left out, what is within arrays, and enumerations as strings")
    func recorder() throws {
        enum Colour: String, Codable, CaseIterable { case red }
        struct Inner: Codable { var size: Double? }
        struct Outer: Codable {
            var name: String
            var inner: [Inner]
            var one: Inner?
            var colour: Colour
            var values: [String: Double]
        }
        #expect(
            try ShapeRecorder.shape(of: Outer.self) == [
                "colour string", "inner[].size? number", "name string", "one?.size? number", "values numbers by name",
            ]
        )
    }
}
