import Demo
import Foundation
import Signals
import Testing

@Suite("DemoRun")
struct DemoRunTests {
    private func outcome() async throws -> DemoRun.Outcome {
        try await DemoRun(speed: 0, live: false, width: 100, height: 30, print: { _ in }).run()
    }

    @Test("The noisy VM alone is blamed and held, its neighbours are found hurt, and everything is put back")
    func wholeLoop() async throws {
        let outcome = try await outcome()
        #expect(outcome.held == ["labs-batch"])
        #expect(outcome.blamed == ["labs-batch"])
        #expect(outcome.hurt.isSuperset(of: ["shop-web-1", "shop-web-2", "shop-db"]))
        #expect(!outcome.hurt.contains("labs-batch"))
        #expect(outcome.leasesLeft == 0)
        #expect(outcome.quotasLeft.isEmpty)
    }

    @Test("The leak is told, and the encoder that is busy all along is never blamed")
    func leakAndBusyNeighbour() async throws {
        let outcome = try await outcome()
        #expect(outcome.journal.contains { $0.contains("media-cache") && $0.contains("mem.growth") })
        #expect(!outcome.blamed.contains("media-encode"))
    }

    @Test("Under a policy in dry run nobody is held, and what would be done is told")
    func dryRun() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data("version: 1\nmode: dry-run\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var demo = DemoRun(speed: 0, live: false, width: 100, height: 30, print: { _ in })
        demo.policyPaths = [file.path]
        let outcome = try await demo.run()
        #expect(outcome.held.isEmpty)
        #expect(outcome.blamed == ["labs-batch"])
        #expect(outcome.journal.contains { $0.contains("labs-batch (tenant labs) would be held to 60%") })
        #expect(!outcome.journal.contains { $0.contains("is held") || $0.contains("has what it had before") })
    }

    @Test("Two runs tell the same, line by line")
    func repeatable() async throws {
        #expect(try await outcome() == outcome())
    }

    @Test("The live picture shows every VM, in no more columns than the terminal has")
    func livePicture() async throws {
        let pictures = Collector()
        _ = try await DemoRun(speed: 0, live: true, width: 90, height: 30, print: { pictures.add($0) }).run()
        let texts = pictures.texts
        let held = texts.filter { $0.contains("HELD to") }
        #expect(held.count > 30)
        for vm in ScriptedVM.demoHost { #expect(held.allSatisfy { $0.contains(vm.record.name) }) }
        let widest = texts.flatMap { $0.split(separator: "\n") }.map { Self.visible($0).count }.max() ?? 0
        #expect(widest <= 90)
        #expect(texts.last?.contains("\u{1b}[?1049l") == true)
    }

    /// A line without its control sequences.
    private static func visible(_ line: Substring) -> String {
        var text = ""
        var rest = line[...]
        while let character = rest.popFirst() {
            guard character == "\u{1b}" else {
                text.append(character)
                continue
            }
            _ = rest.popFirst()
            while let next = rest.popFirst(), !next.isLetter {}
        }
        return text
    }
}
