import Foundation
import Testing

@testable import DocCheck

@Suite("The page of evidence")
struct EvidencePageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let table = """
        # title: Soak
        # command: make soak
        # date: 2026-12-01
        # host: 2 CPUs
        # note: A note.
        figure\tvalue
        a|b\t1

        """

    @Test("the page of this repository is what its tables and its specification make")
    func current() throws {
        let page = try EvidenceFolder.page(in: Self.root)
        let written = try String(contentsOfFile: Self.root + "/Docs/Evidence.md", encoding: .utf8)
        #expect(page.text == written, "run `make evidence`")
        #expect(page.claims.count > 30)
        #expect(!page.tables.isEmpty)
    }

    @Test("every suite that a number of the specification rests on is there")
    func suites() throws {
        let folder = Self.root + "/Tests"
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix("Tests.swift") }
        let sources = try files.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }
        for claim in try EvidenceFolder.page(in: Self.root).claims {
            for command in claim.commands where command.hasPrefix("swift test") {
                let suite = command.split(separator: " ").last.map(String.init) ?? ""
                let isThere =
                    sources.contains { $0.contains("struct \(suite) ") }
                    || FileManager.default.fileExists(atPath: folder + "/" + suite)
                #expect(isThere, "SPECIFICATION.md:\(claim.line): no \(suite)")
            }
        }
    }

    @Test("a table keeps its facts, its notes and its rows")
    func table() throws {
        let table = try EvidencePage.Table(name: "soak.tsv", text: Self.table)
        #expect(table.title == "Soak" && table.command == "make soak")
        #expect(table.circumstances == ["2026-12-01", "2 CPUs"])
        #expect(table.rows == [["figure", "value"], ["a|b", "1"]])
        let lines = [
            "## Soak", "", "`make soak`; 2026-12-01; 2 CPUs", "", "| figure | value |", "|---|---|", "| a\\|b | 1 |",
            "",
            "- A note.",
        ]
        #expect(table.markdown == lines.joined(separator: "\n"))
    }

    @Test(
        "a table that is none is told",
        arguments: ["", "# title: a\n# command: b\nh\n", "# title: a\n# command: b\nh\ti\n1\n", "# odd\n"]
    )
    func noTable(_ text: String) {
        #expect(throws: DocProblem.self) { try EvidencePage.Table(name: "x.tsv", text: text) }
    }

    @Test("each number gets the commands of its proof")
    func claims() throws {
        let specification = """
            | promise | number | proved by |
            |---|---|---|
            | Fast | ≤ 3 s | `repeat --rounds 10` on real guests, `LadderTests`; `make bench` |
            | Sound | – | `Nothing` |

            """
        let page = try EvidencePage(tables: [], specification: specification, scenarios: ["repeat"])
        #expect(page.claims.map(\.number) == ["≤ 3 s"])
        #expect(
            page.claims.first?.commands == [
                "Integration repeat --rounds 10", "swift test --filter LadderTests", "make bench",
            ]
        )
    }

    @Test("a number that no command makes again is told with its line")
    func bare() {
        let error = #expect(throws: DocProblem.self) {
            try EvidencePage(tables: [], specification: "\n| Fast | 3 s | somebody said so |\n", scenarios: [])
        }
        #expect(error?.line == 2)
    }

    @Test("the scenarios are those that the specification lists")
    func scenarios() throws {
        let text = "`make integration` the scenarios on real guests (`noisy`, `kill9`,\n`docs`).\n"
        #expect(try EvidenceFolder.scenarios(text) == ["noisy", "kill9", "docs"])
        #expect(throws: DocProblem.self) { try EvidenceFolder.scenarios("none") }
    }
}
