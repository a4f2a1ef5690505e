import Foundation
import HostReaders
import Testing

@Suite("Kernel files")
struct KernelFileTests {
    @Test("a kept-open file is read anew each time, and a large one makes the buffer grow")
    func rereads() throws {
        let scratch = try Scratch()
        try scratch.write("value", "1\n")
        let file = KernelFile(directory: scratch.path, name: "value")
        var buffer = ReadBuffer(capacity: 64)
        let outcome1 = file.read(into: &buffer)
        #expect(outcome1 == .bytes(2))
        let long = String(repeating: "9", count: 1_000)
        // Written in place: the descriptor stays with the file.
        try #require(rewrite(scratch.path + "/value", long))
        let outcome2 = file.read(into: &buffer)
        #expect(outcome2 == .bytes(1_000))
        let outcome3 = file.readAll(into: &buffer)
        #expect(outcome3 == .bytes(1_000))
        #expect(buffer.storage[999] == 0x39)
        let path = file.path
        #expect(path == scratch.path + "/value")
    }

    @Test("a missing file is gone, not an error")
    func missing() throws {
        let scratch = try Scratch()
        var buffer = ReadBuffer()
        let file = KernelFile(directory: scratch.path, name: "none")
        let isOpen = file.isOpen
        #expect(!isOpen)
        let outcome4 = file.read(into: &buffer)
        #expect(outcome4 == .vanished)
        let outcome5 = KernelFile().readAll(into: &buffer)
        #expect(outcome5 == .vanished)
    }

    @Test("a file that cannot be read at all is a failure with its number")
    func failure() throws {
        let scratch = try Scratch()
        var buffer = ReadBuffer()
        let directory = KernelFile(directory: scratch.path, name: ".")
        let outcome6 = directory.read(into: &buffer)
        #expect(outcome6 == .failed(21))
    }

    @Test("a process that ends while its file is open is gone, not an error")
    func endedProcess() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["60"]
        try child.run()
        let file = KernelFile(directory: "/proc/\(child.processIdentifier)", name: "schedstat")
        var buffer = ReadBuffer()
        let alive = file.read(into: &buffer)
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        let ended = file.read(into: &buffer)
        guard case .bytes = alive else {
            Issue.record("\(alive)")
            return
        }
        #expect(ended == .vanished)
    }

    @Test("an error names the file and the line")
    func errorText() {
        let bytes = Array("usage_usec 1\nuser_usec x\n".utf8)
        let error = ReaderError(path: "/a/cpu.stat", malformed: Malformed(at: 13), in: bytes.span)
        #expect(error.description == "/a/cpu.stat: unexpected line 'user_usec x'")
        let far = ReaderError(path: "/a", malformed: Malformed(at: 9_999), in: bytes.span)
        #expect(far.reason == .malformed(line: ""))
        #expect(ReaderError(path: "/a", errno: 13).description == "/a: errno 13")
    }
}
