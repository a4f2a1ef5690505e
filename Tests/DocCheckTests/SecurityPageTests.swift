import Foundation
import Testing

/// The page on security is only as true as the tests that it names.
@Suite("The page on security")
struct SecurityPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The rows of the page's tables but their heads.
    private static func rows() throws -> [[String]] {
        let text = try String(contentsOfFile: root + "/Docs/Security.md", encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasSuffix("| test |") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    /// What stands in backquotes in a cell.
    private static func quoted(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    private static func sources(in folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder)
        where path.hasSuffix(".swift") {
            found[(path as NSString).lastPathComponent] = root + "/" + folder + "/" + path
        }
        return found
    }

    @Test("Every attack has a test, and every test that is named is there")
    func tests() throws {
        let files = try Self.sources(in: "Tests")
        let rows = try Self.rows()
        #expect(rows.count >= 30)
        for row in rows {
            #expect(row.count == 3, "\(row)")
            let tests = Self.quoted(row.last ?? "")
            #expect(!tests.isEmpty, "no test for: \(row.first ?? "")")
            for test in tests {
                let parts = test.split(separator: ".").map(String.init)
                let file = try #require(files[(parts.first ?? "") + ".swift"], "\(test): no such file")
                let text = try String(contentsOfFile: file, encoding: .utf8)
                #expect(parts.count == 2 && text.contains("func \(parts.last ?? "")("), "\(test) is not there")
                #expect(text.contains("@Test"), "\(file) holds no test")
            }
        }
    }

    @Test("Every source that is named as a defence is there")
    func defences() throws {
        let files = try Self.sources(in: "Sources")
        for row in try Self.rows() where row.count == 3 {
            for name in Self.quoted(row[1]) where name.hasSuffix(".swift") {
                #expect(files[name] != nil, "\(name) is not there")
            }
        }
    }
}
