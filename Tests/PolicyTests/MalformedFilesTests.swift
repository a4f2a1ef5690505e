import Foundation
import Policy
import Testing

@Suite("Malformed threshold files")
struct MalformedFilesTests {
    /// What a malformed file must be answered with.
    private struct Expectation {
        var line: Int
        var column: Int
        var part: String
    }

    /// The malformed files by name.
    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: PolicyFixtures.malformed.path)
        return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    @Test("there are many of them")
    func many() {
        #expect(Self.names.count >= 100)
    }

    @Test("each is refused at the right place and in words that help", arguments: names)
    func refused(_ name: String) throws {
        let path = PolicyFixtures.malformed.appendingPathComponent(name).path
        let expected = try #require(try expectation(of: path), "\(name) says nothing of what is expected")
        let problems = PolicyFixtures.problems(paths: [path])
        let told = problems.map(\.description).joined(separator: "\n")
        let match = problems.first {
            $0.line == expected.line && $0.column == expected.column && $0.description.contains(expected.part)
        }
        #expect(match != nil, "expected \(expected.line):\(expected.column) \(expected.part), found\n\(told)")
        #expect(problems.allSatisfy { $0.file == path && $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
        // One fault, one problem: a fault that drags others behind it hides what is to be mended.
        #expect(name == "alias-bomb.yaml" || problems.count == 1, "\(told)")
    }

    /// The expectation in the sidecar of a file, or in its first line.
    private func expectation(of path: String) throws -> Expectation? {
        let sidecar = String(path.dropLast("yaml".count)) + "expect"
        var line: Substring
        if FileManager.default.fileExists(atPath: sidecar) {
            line = try String(contentsOfFile: sidecar, encoding: .utf8)[...]
        } else {
            line = try String(contentsOfFile: path, encoding: .utf8)[...]
            guard line.hasPrefix("# expect: ") else { return nil }
            line = line.dropFirst("# expect: ".count)
        }
        line = line.prefix { $0 != "\n" }
        let parts = line.split(separator: " ", maxSplits: 1)
        let numbers = parts.first?.split(separator: ":").compactMap { Int($0) } ?? []
        guard parts.count == 2, numbers.count == 2 else { return nil }
        return Expectation(line: numbers[0], column: numbers[1], part: String(parts[1]))
    }
}
