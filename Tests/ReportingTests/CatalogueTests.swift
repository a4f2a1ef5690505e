import Foundation
import Reporting
import Testing

@Suite("Message catalogue")
struct CatalogueTests {
    /// One entry of the catalogue source.
    private struct Entry {
        var id: String
        var headers: [String: String] = [:]
        var body = ""
        var text: String { headers.values.joined(separator: "\n") + "\n" + body }
    }

    private func entries() throws -> [Entry] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Units/quell.catalog")
        var entries: [Entry] = []
        var inBody = false
        for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("-- ") {
                entries.append(Entry(id: String(line.dropFirst(3))))
                inBody = false
                continue
            }
            guard !entries.isEmpty else { continue }
            if !inBody, line.isEmpty {
                inBody = true
            } else if !inBody, let colon = line.range(of: ": ") {
                let name = String(line[..<colon.lowerBound])
                entries[entries.count - 1].headers[name] = String(line[colon.upperBound...])
            } else {
                entries[entries.count - 1].body += line + "\n"
            }
        }
        return entries
    }

    @Test("The catalogue has one entry for each message id, and no other")
    func agreement() throws {
        let ids = try entries().map(\.id)
        #expect(ids.sorted() == MessageID.allCases.map(\.rawValue).sorted())
    }

    @Test("Ids are 128 bits in lower-case hexadecimal, of the random kind, and differ")
    func ids() {
        for id in MessageID.allCases {
            let digits = Array(id.rawValue)
            #expect(digits.count == 32 && digits.allSatisfy { "0123456789abcdef".contains($0) }, "\(id)")
            #expect(digits[12] == "4" && "89ab".contains(digits[16]), "\(id) is no version 4 id (RFC 9562)")
        }
        #expect(Set(MessageID.allCases.map(\.rawValue)).count == MessageID.allCases.count)
        #expect(Set(MessageID.allCases.map(\.name)).count == MessageID.allCases.count)
    }

    @Test("Each entry says what happened, what to do and how to undo it")
    func contents() throws {
        for entry in try entries() {
            #expect(entry.headers["Subject"]?.isEmpty == false, "\(entry.id)")
            #expect(entry.headers["Defined-By"] == "Quell", "\(entry.id)")
            #expect(entry.body.contains("\nWhat to do: "), "\(entry.id)")
            #expect(entry.body.contains("\nUndo: "), "\(entry.id)")
        }
    }

    @Test("Every field that the catalogue shows is one that records have")
    func fields() throws {
        let known = Set(AlertField.allCases.map(\.rawValue))
        var used: Set<String> = []
        for entry in try entries() {
            for (index, part) in entry.text.components(separatedBy: "@").enumerated() where !index.isMultiple(of: 2) {
                #expect(known.contains(part), "@\(part)@ in \(entry.id)")
                used.insert(part)
            }
        }
        #expect(used.count > 8)
    }
}
