import Foundation
import Signals
import Testing

@testable import Policy

@Suite("Threshold files with random faults")
struct PolicyFuzzTests {
    /// Bytes that mean something to YAML or to the units, so that mutants get past the first check.
    private static let telling =
        Array("\n  :-[]{},'\"#&*!|>%?@`0159.eE+/\tmsGiBk\u{0}\u{7F}é".utf8) + [0x80, 0xFF, 0xC0]

    /// One to four faults: a byte changed, put in, taken out, a piece doubled or cut off.
    private func mutant(of source: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = source
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: 0..<bytes.count, using: &random)
            let byte =
                Bool.random(using: &random)
                ? UInt8.random(in: 0...255, using: &random) : Self.telling.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2: bytes[index] = byte
            case 3, 4: bytes.insert(byte, at: index)
            case 5: bytes.remove(at: index)
            case 6: bytes.replaceSubrange(index..<index, with: bytes[index...].prefix(60))
            default: bytes.removeSubrange(index..<min(bytes.count, index + 40))
            }
        }
        return bytes
    }

    /// Loads bytes and checks that whatever is thrown can be found in the file.
    private func load(_ bytes: [UInt8]) {
        do throws(PolicyErrors) {
            _ = try PolicyLoader.load([("fuzz.yaml", bytes)])
        } catch {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            #expect(!error.problems.isEmpty)
            for problem in error.problems {
                #expect(problem.file == "fuzz.yaml" && !problem.message.isEmpty)
                #expect((1...lines + 1).contains(problem.line) && problem.column >= 1, "\(problem)")
                #expect(!problem.description.unicodeScalars.contains { $0.value < 0x20 }, "\(problem)")
            }
        }
    }

    @Test("no mutant of a malformed file traps")
    func malformedMutants() throws {
        var random = SplitMix64(seed: 2)
        for name in MalformedFilesTests.names {
            let data = try Data(contentsOf: PolicyFixtures.malformed.appendingPathComponent(name))
            for _ in 0..<20 { load(mutant(of: Array(data), &random)) }
        }
    }

    @Test("no text of YAML's own marks traps, and no alias gets past the guard to the library")
    func marks() throws {
        var random = SplitMix64(seed: 3)
        let pieces = [
            "a", "b", ": ", "- ", "[", "]", "{", "}", ", ", "\n", "\n  ", "'", "\"", "#", " ", "---", "...", "~", ":",
            "*c",
            " *c ", "? ", "\\",
        ]
        var passed = 0
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...16, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
            load(Array(text.utf8))
            guard TextGuard.problems(in: text, file: "f").isEmpty else { continue }
            passed += 1
            // No anchor is ever defined here, so the library would complain of any alias that it sees.
            let told = PolicyFixtures.problems(text).map(\.message).joined()
            #expect(!told.contains("alias"), "\(text.debugDescription)")
        }
        #expect(passed > 2_000, "\(passed)")
    }
}
