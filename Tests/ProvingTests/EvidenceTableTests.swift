import Proving
import Testing

@Suite("Tables of evidence")
struct EvidenceTableTests {
    @Test("a table is its facts, its heads and its rows, and no cell ends a line or a column")
    func text() {
        var table = EvidenceTable(title: "Soak", command: "make soak", columns: ["figure", "value"])
        table.date = "2026-12-01"
        table.host = "2 CPUs"
        table.notes = ["A note."]
        table.rows = [["a\tb\nc", "1"]]
        let lines = [
            "# title: Soak", "# command: make soak", "# date: 2026-12-01", "# host: 2 CPUs", "# note: A note.",
            "figure\tvalue", "a b c\t1", "",
        ]
        #expect(table.text == lines.joined(separator: "\n"))
    }
}
