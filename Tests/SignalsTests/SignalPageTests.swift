import Foundation
import Signals
import Testing

@Suite("The page on signals")
struct SignalPageTests {
    /// The rows of the page's table by signal.
    private func rows() throws -> [String: [String]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Docs/Signals.md"), encoding: .utf8)
        var rows: [String: [String]] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5 else { continue }
            rows[cells[0].trimmingCharacters(in: ["`"])] = cells
        }
        return rows
    }

    @Test("every signal has one row, with what it measures, and there is no row for anything else")
    func complete() throws {
        let rows = try rows()
        #expect(Set(rows.keys) == Set(Signal.allCases.map(\.name)))
        for signal in Signal.allCases {
            let row = try #require(rows[signal.name])
            #expect(row[2] == signal.summary, "\(signal)")
            #expect(!row[3].isEmpty && !row[4].isEmpty, "\(signal)")
        }
    }
}
