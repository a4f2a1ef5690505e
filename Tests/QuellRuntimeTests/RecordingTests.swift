import Demo
import Foundation
import Policy
import Reporting
import Signals
import Testing
import Traces

@testable import QuellRuntime

@Suite("Recording into files", .serialized)
struct RecordingTests {
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/quell-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    /// A stream of several files, and the ticks in it.
    private static let stream: (bytes: [UInt8], ticks: UInt64) = {
        // A few VMs of which every reading moves in every tick: the files fill soon.
        var random = SplitMix64(seed: 4)
        var frame = Frame(hostCPUs: 8)
        for index in 0..<60 {
            let identity = VMIdentity(uuid: VMUUID(high: 1, low: UInt64(index)), generation: 1)
            _ = frame.place(VMRecord(identity: identity, name: "\(index)"))
        }
        var encoder = TraceEncoder(fileLimit: TraceFormat.smallestFile)
        var bytes: [UInt8] = []
        while bytes.count < 7 * TraceFormat.smallestFile / 2 {
            frame.begin(at: frame.time.advanced(bySeconds: 1))
            for row in 0..<60 {
                for signal in Signal.allCases { frame[VMSlot(row), signal] = Reading(random.uniform()) }
            }
            encoder.encode(frame, into: &bytes)
        }
        return (bytes, frame.tick)
    }()

    private func ticks(_ path: String) throws -> [UInt64] {
        var reader = TraceReader([UInt8](try #require(FileManager.default.contents(atPath: path))))
        var ticks: [UInt64] = []
        while let item = try reader.next() { if item == .frame { ticks.append(reader.frame.tick) } }
        #expect(reader.ending == .complete)
        return ticks
    }

    @Test("The newest files are kept, each within its limit and readable alone, wherever the pieces are cut")
    func rotation() async throws {
        let (bytes, last) = Self.stream
        try await withDirectory { directory in
            let path = directory + "/a.trace"
            var writer = try TraceFileWriter(path: path, keep: 3)
            var start = 0
            var length = 1
            while start < bytes.count {
                let end = min(bytes.count, start + length)
                try writer.take(Array(bytes[start..<end]))
                start = end
                length = length % 70_001 + 997
            }
            try writer.finish()
            #expect(writer.files == 4 && writer.frames == Int(last))
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == ["a.trace", "a.trace.1", "a.trace.2"])
            let kept = try ticks(path + ".2") + ticks(path + ".1") + ticks(path)
            #expect(kept == Array(try #require(kept.first)...last))
            for name in names {
                let data = try #require(FileManager.default.contents(atPath: directory + "/" + name))
                #expect(data.count <= TraceFormat.smallestFile)
            }
        }
    }

    @Test("A file that is there is left alone unless it may be replaced, and what is no trace is refused")
    func refusals() async throws {
        try await withDirectory { directory in
            let path = directory + "/a.trace"
            try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: TraceFileError.self) { _ = try TraceFileWriter(path: path) }
            var writer = try TraceFileWriter(path: path, overwriting: true)
            #expect(throws: TraceFileError.self) { try writer.take(Array("no trace at all".utf8)) }
            #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
            var other = try TraceFileWriter(path: directory + "/none/a.trace")
            #expect(throws: TraceFileError.self) { try other.take(Self.stream.bytes) }
        }
    }

    @Test("A link in the file's place is neither followed nor kept: nothing is written where it leads")
    func links() async throws {
        try await withDirectory { directory in
            let (path, target) = (directory + "/a.trace", directory + "/elsewhere")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
            var writer = try TraceFileWriter(path: path)
            #expect(throws: TraceFileError.self) { try writer.take(Self.stream.bytes) }
            #expect(!FileManager.default.fileExists(atPath: target))
            try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
            var bold = try TraceFileWriter(path: path, overwriting: true)
            try bold.take(Self.stream.bytes)
            try bold.finish()
            #expect(FileManager.default.contents(atPath: target) == Data("mine".utf8))
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil)
        }
    }

    @Test("A client records over the control socket until it stops", .timeLimit(.minutes(1)))
    func overSocket() async throws {
        try await withDirectory { directory in
            let socket = directory + "/s.sock"
            let (bytes, last) = Self.stream
            let server = ControlServer(path: socket, answer: { _ in Data("{}".utf8) }) { request, stream in
                #expect(request.vms == ["a"] && request.fileLimit == 5)
                stream.write(Array("{\"recording\":true}\n".utf8))
                let thread = Thread { stream.write(bytes) }
                thread.start()
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                while !ControlClient(path: socket).daemonIsThere { await Task.yield() }
                var request = ControlRequest(.record)
                request.vms = ["a"]
                request.fileLimit = 5
                let path = directory + "/b.trace"
                let recording = Recording(request, socket: socket, out: path, keep: 9, overwriting: false)
                let report = try await recording.run()
                #expect(report.endedByDaemon && report.ticks == Int(last) && report.files == 4)
                #expect(try ticks(path).last == last)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("What a monitor's frames hold of the VMs asked for is what the client stores", .timeLimit(.minutes(1)))
    func desk() async throws {
        try await withDirectory { directory in
            let socket = directory + "/s.sock"
            let source = ScriptedHypervisor(ScriptedHost())
            let monitor = Monitor(source: source, policy: PolicySet(), alerts: AlertQueue())
            let desk = RecordingDesk(monitor: monitor, period: .seconds(1))
            let server = ControlServer(path: socket, answer: { _ in Data() }, record: { await desk.serve($0, on: $1) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                while !ControlClient(path: socket).daemonIsThere { await Task.yield() }
                var request = ControlRequest(.record)
                request.vms = ["shop-db", "labs-batch"]
                let path = directory + "/d.trace"
                let recording = Recording(request, socket: socket, out: path, keep: 1, overwriting: false)
                async let report = recording.run()
                var second = 1_000.0
                // The client stops once the first frames are on its disk; until then the host goes on.
                while (FileManager.default.contents(atPath: path)?.count ?? 0) < 8_000 {
                    second += 1
                    await monitor.tick(at: MonotonicTime(seconds: second))
                    await Task.yield()
                }
                recording.stop()
                let stored = try await report
                #expect(stored.ticks > 1 && !stored.endedByDaemon)
                var reader = TraceReader([UInt8](try #require(FileManager.default.contents(atPath: path))))
                while try reader.next() != nil {}
                #expect(reader.ending == .complete && reader.header?["only"] == "shop-db,labs-batch")
                let names = reader.frame.records.compactMap { $0?.name }
                #expect(names.sorted() == ["labs-batch", "shop-db"])
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("A daemon that refuses to record is told as such", .timeLimit(.minutes(1)))
    func refused() async throws {
        try await withDirectory { directory in
            let socket = directory + "/s.sock"
            let server = ControlServer(path: socket) { _ in ControlProblem(error: "no room").json }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                while !ControlClient(path: socket).daemonIsThere { await Task.yield() }
                let recording = Recording(
                    ControlRequest(.record),
                    socket: socket,
                    out: directory + "/c.trace",
                    keep: 1,
                    overwriting: false
                )
                await #expect(throws: RecordingError(description: "The daemon refused: no room")) {
                    try await recording.run(seconds: 5)
                }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
