/// A table that a run leaves as evidence: figures, and the command that makes them again.
///
/// As a file it is text of columns that tabs separate, below lines that begin with `#` and say what it is.
public struct EvidenceTable: Equatable, Sendable {
    /// What it shows.
    public var title: String
    /// The command that makes it again.
    public var command: String
    /// The day, as `2026-12-01`.
    public var date = ""
    /// What it ran on.
    public var host = ""
    /// What to know of it, a sentence each.
    public var notes: [String] = []
    /// The heads of the columns.
    public var columns: [String]
    /// The rows, each with as many cells as there are columns.
    public var rows: [[String]] = []

    /// A table without rows.
    ///
    /// - Parameters:
    ///   - title: What it shows.
    ///   - command: The command that makes it again.
    ///   - columns: The heads of the columns.
    public init(title: String, command: String, columns: [String]) {
        self.title = title
        self.command = command
        self.columns = columns
    }

    /// Adds a row.
    ///
    /// - Parameter cells: As many as there are columns.
    public mutating func add(_ cells: String...) { rows.append(cells) }

    /// The table as a file holds it.
    public var text: String {
        var lines = ["# title: \(title)", "# command: \(command)", "# date: \(date)", "# host: \(host)"]
        lines += notes.map { "# note: \($0)" }
        lines += ([columns] + rows).map { row in row.map(Self.cell).joined(separator: "\t") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A cell that ends neither column nor line.
    private static func cell(_ text: String) -> String {
        String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
    }
}
