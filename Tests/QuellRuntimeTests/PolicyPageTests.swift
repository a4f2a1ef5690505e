import Foundation
import Policy
import Signals
import Testing

/// The commands of Docs/Policy.md, run as they stand there.
@Suite("The page on tuning thresholds")
struct PolicyPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The fenced blocks of the page, each with its language.
    private func blocks() throws -> [(language: String, text: String)] {
        let page = try String(contentsOf: Self.root.appendingPathComponent("Docs/Policy.md"), encoding: .utf8)
        let parts = page.components(separatedBy: "```")
        return stride(from: 1, to: parts.count, by: 2).map { index in
            let lines = parts[index].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(lines[0]), lines.count > 1 ? String(lines[1]) : "")
        }
    }

    /// Runs a line of the page in the root of the repository, with the tool that was built beside these tests.
    private func run(_ line: String, trace: URL) throws -> (status: Int32, text: String) {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line.replacingOccurrences(of: "demo.trace", with: trace.path)]
        process.environment = ["PATH": beside.path + ":/usr/bin:/bin"]
        process.currentDirectoryURL = Self.root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("the demo's trace gives the differences that are shown, and the exit status that is told")
    func demo() throws {
        let blocks = try blocks()
        let index = try #require(blocks.firstIndex { $0.language == "sh" && $0.text.contains("quell demo") })
        let commands = blocks[index].text.replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n").map(
            String.init
        )
        let trace = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".trace")
        defer { try? FileManager.default.removeItem(at: trace) }
        #expect(commands.count == 2)
        #expect(try run(commands[0], trace: trace).status == 0)
        let told = try run(commands[1], trace: trace)
        #expect(told.status == 1 && told.text == blocks[index + 1].text)
        let same = try run("quell replay demo.trace --quiet --against Thresholds/default.yaml", trace: trace)
        #expect(same.status == 0 && same.text.hasPrefix("0 alerts and 0 holds differ"))
        #expect(try run("quell replay demo.trace --against no-such-file", trace: trace).status == 64)
    }

    @Test("the file that is shown is good beside the default, and changes what it says")
    func example() throws {
        let yaml = try #require(try blocks().first { $0.language == "yaml" })
        let policy = try Profile.policy([], site: yaml.text)
        #expect(policy.rules.first { $0.name == "cpu-starved" }?.above == 0.09)
        #expect(!policy.rules.contains { $0.name == "net-multicast-flood" })
        #expect(policy.rules.first { $0.name == "database-starved" }?.selector.classes == ["database"])
        #expect(policy.ladders["cpu-throttle"]?.ceilings == ["database": .throttle(0.6)])
    }
}
