import DocCheck
import Foundation

/// Writes `Docs/Evidence.md` anew from the tables in `Docs/Evidence` and from the specification: `make evidence`.
@main
struct Main {
    static func main() {
        do {
            let page = try EvidenceFolder.page(in: FileManager.default.currentDirectoryPath)
            try page.text.write(toFile: "Docs/Evidence.md", atomically: true, encoding: .utf8)
            print("Docs/Evidence.md: \(page.tables.count) tables, \(page.claims.count) numbers")
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }
}
