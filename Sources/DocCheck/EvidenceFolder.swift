import Foundation

/// Where the page of evidence gets what it shows.
public enum EvidenceFolder {
    /// The tables, most telling first; those that this does not name follow by name.
    private static let order = ["matrix", "rules", "host", "soak", "sanitizers"]

    /// Reads the tables and the specification of a clone.
    ///
    /// - Parameter root: The clone.
    /// - Returns: The page.
    /// - Throws: ``DocProblem``, or what Foundation says of a file that cannot be read.
    public static func page(in root: String) throws -> EvidencePage {
        let folder = root + "/Docs/Evidence"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".tsv") }
            .map { String($0.dropLast(4)) }
        let sorted = names.sorted { (rank($0), $0) < (rank($1), $1) }
        let tables = try sorted.map { name in
            let path = "\(folder)/\(name).tsv"
            return try EvidencePage.Table(name: path, text: try String(contentsOfFile: path, encoding: .utf8))
        }
        let specification = try String(contentsOfFile: root + "/SPECIFICATION.md", encoding: .utf8)
        return try EvidencePage(
            tables: tables,
            specification: specification,
            scenarios: try scenarios(specification)
        )
    }

    private static func rank(_ name: String) -> Int { order.firstIndex(of: name) ?? order.count }

    /// The scenarios that the specification's first lines list between brackets behind `make integration`.
    static func scenarios(_ specification: String) throws(DocProblem) -> Set<String> {
        guard let start = specification.range(of: "the scenarios on real guests ("),
            let end = specification.range(of: ")", range: start.upperBound..<specification.endIndex)
        else {
            throw DocProblem(page: "SPECIFICATION.md", line: 1, text: "it lists no scenarios on real guests")
        }
        let words = specification[start.upperBound..<end.lowerBound].split(separator: "`").enumerated()
        return Set(words.filter { !$0.element.contains(",") }.map { String($0.element) })
    }
}
