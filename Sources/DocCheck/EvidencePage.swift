/// The page that shows on what Quell's promises rest: the tables that runs have left, and for every number of the
/// specification the command that makes it again.
public struct EvidencePage: Sendable {
    /// A table as its file holds it: facts behind `#`, then columns that tabs separate.
    public struct Table: Equatable, Sendable {
        /// Its file.
        public var name: String
        /// What it shows.
        public var title = ""
        /// The command that makes it again.
        public var command = ""
        /// Where and when it was made.
        public var circumstances: [String] = []
        /// What to know of it.
        public var notes: [String] = []
        /// Its lines, the heads first.
        public var rows: [[String]] = []

        /// Reads a file.
        ///
        /// - Parameters:
        ///   - name: Its name, for problems.
        ///   - text: Its text.
        /// - Throws: ``DocProblem`` where it is no such table.
        public init(name: String, text: String) throws(DocProblem) {
            self.name = name
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if line.isEmpty { continue }
                guard line.hasPrefix("#") else {
                    let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                    if let width = rows.first?.count, cells.count != width {
                        throw DocProblem(
                            page: name,
                            line: index + 1,
                            text: "\(cells.count) cells under \(width) heads"
                        )
                    }
                    rows.append(cells)
                    continue
                }
                let parts = line.dropFirst().split(separator: ":", maxSplits: 1).map { String($0).trimmed }
                guard parts.count == 2 else {
                    throw DocProblem(page: name, line: index + 1, text: "no `# name: text`")
                }
                switch parts[0] {
                case "title": title = parts[1]
                case "command": command = parts[1]
                case "note": notes.append(parts[1])
                default: circumstances.append(parts[1])
                }
            }
            guard !title.isEmpty, !command.isEmpty, rows.count > 1 else {
                throw DocProblem(page: name, line: 1, text: "a table has a title, a command, heads and rows")
            }
        }

        /// The table for the page.
        var markdown: String {
            var lines = ["## \(title)", "", "`\(command)`; \(circumstances.joined(separator: "; "))", ""]
            for (index, row) in rows.enumerated() {
                lines.append("| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |")
                if index == 0 { lines.append("|" + String(repeating: "---|", count: row.count)) }
            }
            if !notes.isEmpty { lines += [""] + notes.map { "- \($0)" } }
            return lines.joined(separator: "\n")
        }
    }

    /// A number of the specification.
    public struct Claim: Equatable, Sendable {
        /// The line that it stands in, from 1.
        public var line: Int
        /// What is promised.
        public var promise: String
        /// The number, in its words.
        public var number: String
        /// The commands that prove it.
        public var commands: [String]
    }

    /// The tables, in the order of the page.
    public var tables: [Table]
    /// The numbers.
    public var claims: [Claim]

    /// Takes tables and a specification.
    ///
    /// - Parameters:
    ///   - tables: The tables.
    ///   - specification: The specification's Markdown.
    ///   - scenarios: The scenarios on real guests.
    /// - Throws: ``DocProblem`` where a number has no command.
    public init(tables: [Table], specification: String, scenarios: Set<String>) throws(DocProblem) {
        self.tables = tables
        claims = []
        for (index, line) in specification.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard line.hasPrefix("|"), cells.count == 5, cells[2].contains(where: \.isNumber) else { continue }
            let commands = Self.commands(cells[3], scenarios)
            if commands.isEmpty {
                throw DocProblem(
                    page: "SPECIFICATION.md",
                    line: index + 1,
                    text: "a number without a command: \(cells[2])"
                )
            }
            claims.append(Claim(line: index + 1, promise: cells[1], number: cells[2], commands: commands))
        }
    }

    /// The commands that a proof names: a `make`, a suite of tests, or a scenario.
    static func commands(_ proof: String, _ scenarios: Set<String>) -> [String] {
        let words = proof.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        return words.compactMap { word in
            let first = word.split(separator: " ").first.map(String.init) ?? ""
            if first == "make" || first == "promtool" { return word }
            if first.hasSuffix("Tests") { return "swift test --filter \(first)" }
            return scenarios.contains(first) ? "Integration \(word)" : nil
        }
    }

    /// The page.
    public var text: String {
        var lines = [
            "# Evidence",
            "",
            "What Quell's promises rest on. The tables below are left by the runs themselves (`Docs/Evidence/*.tsv`); this page",
            "is made of them and of [SPECIFICATION.md](../SPECIFICATION.md) by `make evidence`. Times on a machine that others",
            "share are figures, not bounds.",
            "",
        ]
        lines += tables.flatMap { [$0.markdown, ""] }
        lines += [
            "## Every number of the specification", "",
            "`Integration` is the program that `make integration` builds and runs as root; alone it takes the names of scenarios.",
            "", "| promise | number | made again by |", "|---|---|---|",
        ]
        lines += claims.map { claim in
            let commands = claim.commands.map { "`\($0)`" }.joined(separator: ", ")
            return "| \(claim.promise) | \(claim.number) | \(commands) |"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
