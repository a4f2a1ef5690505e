import DocCheck
import Foundation
import Testing

/// Our own pages, as far as they can be told wrong without running them.
@Suite("The pages of this repository")
struct PagesTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: root + "/" + name, encoding: .utf8)
    }

    private static func pages(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder).filter { $0.hasSuffix(".md") }
            .map { folder + "/" + $0 }.sorted()
    }

    @Test("every page on an operator's question has commands that are run, and the README leads to it")
    func questions() throws {
        let readme = try Self.text("README.md")
        let pages = try Self.pages(in: "Docs/Questions") + ["Docs/FirstTenMinutes.md"]
        #expect(pages.count == 10)
        for name in pages {
            let page = try DocPage(name: name, text: Self.text(name))
            #expect(!page.steps.isEmpty || !page.hostSteps.isEmpty, "\(name) has no command that is run")
            #expect(readme.contains("](\(name))"), "README.md does not lead to \(name)")
        }
    }

    @Test("every page can be read by the runner")
    func wellFormed() throws {
        for name in try Self.pages(in: "Docs") + ["README.md", "CONTRIBUTING.md", "SPECIFICATION.md"] {
            _ = try DocPage(name: name, text: Self.text(name))
            _ = try ToolUse.all(of: "quell", page: name, text: Self.text(name))
        }
    }

    @Test("every link to a file of the repository leads to one")
    func links() throws {
        for name in try Self.pages(in: "Docs") + ["README.md", "CONTRIBUTING.md", "SPECIFICATION.md"] {
            let folder = URL(fileURLWithPath: Self.root + "/" + name).deletingLastPathComponent()
            for piece in try Self.text(name).components(separatedBy: "](").dropFirst() {
                guard let target = piece.split(separator: ")").first, !target.contains(":"), !target.hasPrefix("#")
                else { continue }
                let path = target.split(separator: "#").first.map(String.init) ?? ""
                let file = folder.appendingPathComponent(path).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: file), "\(name) leads to \(target), which is not there")
            }
        }
    }
}
