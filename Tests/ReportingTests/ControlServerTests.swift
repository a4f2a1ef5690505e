import Foundation
@testable import Reporting
import Testing

@Suite("ControlServer", .serialized)
struct ControlServerTests {
    private func withServer(
        _ body: (ControlClient) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/quell-\(UUID().uuidString.prefix(8)).sock"
        let server = ControlServer(path: path) { request in
            Data(#"{"asked":"\#(request.kind.rawValue) \#(request.vm ?? "-")"}"#.utf8)
        }
        let client = ControlClient(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            while !client.daemonIsThere { await Task.yield() }
            try await body(client)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Every kind of request is answered, and the socket is gone at the end", .timeLimit(.minutes(1)))
    func roundTrip() async throws {
        try await withServer { client in
            for kind in ControlRequest.Kind.allCases {
                let answer = try client.ask(ControlRequest(kind, vm: "a"))
                #expect(String(decoding: answer, as: UTF8.self) == #"{"asked":"\#(kind.rawValue) a"}"#)
            }
        }
    }

    @Test(
        "What is no request is refused with what would be accepted",
        .timeLimit(.minutes(1)),
        arguments: ["", "status", "{}", #"{"kind":"destroy"}"#, #"{"kind":1}"#, "\u{0}\u{1}", "[]"]
    )
    func malformed(text: String) async throws {
        try await withServer { client in
            let answer = try client.send(line: text)
            let problem = try JSONDecoder().decode(ControlProblem.self, from: answer)
            #expect(problem.error.contains("status, vms, leases, explain, doctor, release, hold, disarm, arm"))
        }
    }

    @Test("An audit that takes long holds up nobody else, and a third at once is refused", .timeLimit(.minutes(1)))
    func slow() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/quell-\(UUID().uuidString.prefix(8)).sock"
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let server = ControlServer(path: path) { request in
            if request.kind == .audit {
                begin.yield()
                for await _ in gate {}
            }
            return Data(#"{"asked":"\#(request.kind.rawValue)"}"#.utf8)
        }
        let client = ControlClient(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            while !client.daemonIsThere { await Task.yield() }
            let waiting = try (0..<ControlServer.mostSlow).map { _ in
                try ControlReceiver(ControlRequest(.audit), path: path)
            }
            var starts = begun.makeAsyncIterator()
            for _ in waiting { await starts.next() }
            let other = try client.ask(ControlRequest(.release))
            #expect(String(decoding: other, as: UTF8.self) == #"{"asked":"release"}"#)
            let third = try client.ask(ControlRequest(.audit))
            let problem = try JSONDecoder().decode(ControlProblem.self, from: third)
            #expect(problem.error == "'audit' is being answered already")
            open.finish()
            for receiver in waiting {
                #expect(String(decoding: try receiver.line(), as: UTF8.self) == #"{"asked":"audit"}"#)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("A line without end is cut off, and the next client is served", .timeLimit(.minutes(1)))
    func tooLong() async throws {
        try await withServer { client in
            let answer = try client.send(line: String(repeating: "a", count: 4 * ControlServer.longestRequest))
            let problem = try JSONDecoder().decode(ControlProblem.self, from: answer)
            #expect(problem.error.contains("at most \(ControlServer.longestRequest) bytes"))
            let next = try client.ask(ControlRequest(.status))
            #expect(!next.isEmpty)
        }
    }

    @Test("A second server is refused while the first answers", .timeLimit(.minutes(1)))
    func second() async throws {
        try await withServer { client in
            let other = ControlServer(path: client.path) { _ in Data() }
            await #expect(throws: SocketError.self) { try await other.run() }
            let answer = try client.ask(ControlRequest(.status))
            #expect(!answer.isEmpty)
        }
    }

    @Test("Without a daemon the client says which path does not answer")
    func nobody() {
        let client = ControlClient(path: "/nonexistent/quell.sock")
        #expect(!client.daemonIsThere)
        #expect { try client.ask(ControlRequest(.status)) } throws: { "\($0)".contains("/nonexistent/quell.sock") }
    }

    @Test("A path that is too long is an error, not a crash")
    func longPath() async {
        let server = ControlServer(path: "/tmp/" + String(repeating: "a", count: 200)) { _ in Data() }
        await #expect(throws: SocketError.self) { try await server.run() }
    }
}

extension ControlClient {
    /// Sends a raw line, right or wrong.
    fileprivate func send(line: String) throws -> Data {
        try ask(line: Array(line.utf8), withinSeconds: 10)
    }
}
