import Foundation
import Policy
import QuellRuntime
import Signals
import Testing

@Suite("PolicySource")
struct PolicySourceTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    @Test("The binary carries the shipped file as it is")
    func shipped() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = try String(contentsOf: root.appendingPathComponent("Thresholds/default.yaml"), encoding: .utf8)
        #expect(PolicySource.shipped == file)
    }

    @Test("Without files the shipped policy is in force, in dry run")
    func fallback() throws {
        let source = PolicySource(named: [], directory: "/nonexistent")
        #expect(try source.load().mode == .dryRun)
        #expect(source.description == "the shipped policy")
        #expect(source.read().files.count == 1)
    }

    @Test("Files in the standard directory are preferred to the shipped policy, named ones to both")
    func order() throws {
        try inDirectory { directory in
            let rule = "rules:\n  - {name: only, signal: cpu.usage, role: suspect, above: 3 cores, summary: s}\n"
            try "version: 1\nmode: enforce\n\(rule)".write(
                toFile: directory + "/a.yaml",
                atomically: true,
                encoding: .utf8
            )
            let standard = PolicySource(named: [], directory: directory)
            #expect(try standard.load().rules.map(\.name) == ["only"])
            #expect(standard.read().files.count == 1)
            try "version: 1\n".write(toFile: directory + "/b.txt", atomically: true, encoding: .utf8)
            #expect(standard.read().files.count == 1)
            let named = PolicySource(named: [directory + "/a.yaml"], directory: "/nonexistent")
            #expect(try named.load().mode == .enforce)
            #expect(named.description == directory + "/a.yaml")
        }
    }

    @Test("A site's file overrides the shipped one under the names that both are installed by")
    func siteOverrides() throws {
        try inDirectory { directory in
            try PolicySource.shipped.write(toFile: directory + "/00-default.yaml", atomically: true, encoding: .utf8)
            let site = "mode: enforce\nrules:\n  - {name: cpu-starved, above: 90 ms/s}\n"
            try site.write(toFile: directory + "/50-site.yaml", atomically: true, encoding: .utf8)
            let policy = try PolicySource(named: [], directory: directory).load()
            #expect(policy.mode == .enforce)
            #expect(policy.rules.first { $0.name == "cpu-starved" }?.above == 0.09)
        }
    }

    @Test("A bad file is an error that names it, never the shipped policy instead")
    func bad() throws {
        try inDirectory { directory in
            try "mode: sometimes\n".write(toFile: directory + "/a.yaml", atomically: true, encoding: .utf8)
            let source = PolicySource(named: [], directory: directory)
            #expect { try source.load() } throws: { "\($0)".contains("a.yaml:1:7") }
        }
    }
}
