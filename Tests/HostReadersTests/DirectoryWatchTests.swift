import Foundation
import Testing

@testable import HostReaders

@Suite("DirectoryWatch")
struct DirectoryWatchTests {
    /// One event as inotify(7) lays it out: watch, mask, cookie, length, name filled up with zeros.
    private func bytes(_ watch: Int32, _ mask: UInt32, _ name: String = "", padding: Int = 0) -> [UInt8] {
        let text = name.isEmpty ? [] : Array(name.utf8) + [UInt8](repeating: 0, count: 1 + padding)
        var bytes: [UInt8] = []
        for word in [UInt32(bitPattern: watch), mask, 0, UInt32(text.count)] {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
        }
        return bytes + text
    }

    private func events(in bytes: [UInt8]) -> [DirectoryEvent] { DirectoryWatch.events(in: bytes.span) }

    @Test("Each kind of event is told by its bits, with the name up to its first zero")
    func kinds() {
        let input =
            bytes(1, 0x100, "a.yaml", padding: 9) + bytes(2, 0x4000_0100, "d") + bytes(1, 0x8, "b")
            + bytes(1, 0x80, "c")
            + bytes(1, 0x4, "m") + bytes(1, 0x40, "e") + bytes(1, 0x200, "f") + bytes(3, 0x400) + bytes(3, 0x8000)
            + bytes(-1, 0x4000) + bytes(4, 0x800)
        let expected: [DirectoryEvent] = [
            DirectoryEvent(.made, watch: 1, name: "a.yaml"),
            DirectoryEvent(.made, watch: 2, name: "d", isDirectory: true),
            DirectoryEvent(.changed, watch: 1, name: "b"), DirectoryEvent(.changed, watch: 1, name: "c"),
            DirectoryEvent(.changed, watch: 1, name: "m"), DirectoryEvent(.left, watch: 1, name: "e"),
            DirectoryEvent(.left, watch: 1, name: "f"), DirectoryEvent(.gone, watch: 3),
            DirectoryEvent(.gone, watch: 3),
            DirectoryEvent(.lost, watch: -1), DirectoryEvent(.gone, watch: 4),
        ]
        #expect(events(in: input) == expected)
    }

    @Test("What is cut off, longer than it can be, or not asked for is passed over")
    func damaged() {
        let whole = bytes(1, 0x8, "a.yaml", padding: 1)
        for count in whole.indices { #expect(events(in: Array(whole[..<count])).isEmpty) }
        var long = whole
        long[15] = 0xFF
        #expect(events(in: long).isEmpty)
        #expect(events(in: bytes(1, 0x1, "read") + whole).count == 1)
    }

    @Test("The kernel tells of a file that is written, and of a directory that is not there it says so")
    func kernel() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let kernel = try Kernel()
        #expect(kernel.events.isEmpty && !kernel.hasNews(within: 0))
        let number = try kernel.watch(directory.path).get()
        #expect(try kernel.watch(directory.path).get() == number)
        try Data("a".utf8).write(to: directory.appendingPathComponent("a.yaml"))
        #expect(kernel.hasNews(within: 5_000))
        #expect(kernel.events.contains(DirectoryEvent(.changed, watch: number, name: "a.yaml")))
        try FileManager.default.removeItem(at: directory)
        #expect(kernel.hasNews(within: 5_000))
        #expect(kernel.events.contains(DirectoryEvent(.gone, watch: number)))
        #expect(kernel.watch(directory.path) == .failure(DirectoryWatchError(errno: ENOENT)))
    }

    /// A watch that expectations can ask, which take no noncopyable values.
    private final class Kernel {
        private let watch: DirectoryWatch

        init() throws { watch = try DirectoryWatch() }

        var events: [DirectoryEvent] { watch.events() }
        func hasNews(within milliseconds: Int32) -> Bool { watch.wait(milliseconds: milliseconds) }
        func watch(_ directory: String) -> Result<Int32, DirectoryWatchError> { watch.watch(directory) }
    }
}
