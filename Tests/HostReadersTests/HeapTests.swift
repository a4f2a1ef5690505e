import Foundation
import HostReaders
import Testing

@Suite("Memory of this process")
struct HeapTests {
    /// KiB of file pages that this process has mapped.
    private func mappedFiles() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first)
    }

    @Test("code that was forgotten runs again, constants read the same, and fewer pages are mapped just after")
    func forgetStart() throws {
        let word = "constants live in the file"
        let before = try mappedFiles()
        Heap.forgetStart()
        let after = try mappedFiles()
        #expect(after < before)
        #expect(word.reversed().reversed().elementsEqual(word))
        #expect([3, 1, 2].sorted() == [1, 2, 3])
    }
}
