import Foundation
@testable import Reporting
import Signals
import TestSupport
import Testing

@Suite("ControlServer", .serialized)
struct ControlServerTests {
    private func withServer(
        _ adjust: (inout ControlLimits) -> Void = { _ in },
        _ body: (ControlClient) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/quell-\(UUID().uuidString.prefix(8)).sock"
        // Time stands still for the number of questions, and is long for each unless a test says otherwise.
        var limits = ControlLimits()
        limits.patience = 30_000
        limits.burst = 1e6
        adjust(&limits)
        let server = ControlServer(path: path, limits: limits, clock: { 0 }) { request in
            Data(#"{"asked":"\#(request.kind.rawValue) \#(request.vm ?? "-") \#(request.who ?? "-")"}"#.utf8)
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
                let who = kind.changes ? ControlPeer(user: geteuid(), group: 0, process: getpid()).name : "-"
                let answer = try await client.answer(ControlRequest(kind, vm: "a"))
                #expect(String(decoding: answer, as: UTF8.self) == #"{"asked":"\#(kind.rawValue) a \#(who)"}"#)
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
            let answer = try await client.send(line: text)
            let problem = try JSONDecoder().decode(ControlProblem.self, from: answer)
            #expect(problem.error.contains(ControlRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")))
        }
    }

    @Test("An audit that takes long holds up nobody but those who ask for one, too", .timeLimit(.minutes(1)))
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
            let waiting = try (0..<2).map { _ in try ControlReceiver(ControlRequest(.audit), path: path) }
            var starts = begun.makeAsyncIterator()
            await starts.next()
            for kind in [ControlRequest.Kind.release, .status] {
                let other = try client.ask(ControlRequest(kind))
                #expect(String(decoding: other, as: UTF8.self) == #"{"asked":"\#(kind.rawValue)"}"#)
            }
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
            let answer = try await client.send(line: String(repeating: "a", count: 4 * ControlServer.longestRequest))
            let problem = try JSONDecoder().decode(ControlProblem.self, from: answer)
            #expect(problem.error.contains("at most \(ControlServer.longestRequest) bytes"))
            let next = try await client.answer(ControlRequest(.status))
            #expect(!next.isEmpty)
        }
    }

    @Test("Who asks is what the kernel says, whatever the request says", .timeLimit(.minutes(1)))
    func impostor() async throws {
        try await withServer { client in
            let answer = try await client.send(line: #"{"kind":"arm","vm":"a","who":"the boss","user":0}"#)
            #expect(!String(decoding: answer, as: UTF8.self).contains("boss"))
        }
    }

    @Test("Clients that send nothing keep nobody else from an answer", .timeLimit(.minutes(1)))
    func silent() async throws {
        try await withServer({ $0.patience = 3_600_000 }) { client in
            let silent = try (0..<7).map { _ in try Held(client.path) }
            for one in silent.prefix(3) { one.socket.write(Array("{\"kind\"".utf8)) }
            for _ in 0..<20 { #expect(try await !client.answer(ControlRequest(.status)).isEmpty) }
            withExtendedLifetime(silent) {}
        }
    }

    @Test("One user has so many connections and no more; one that ends makes room", .timeLimit(.minutes(1)))
    func crowded() async throws {
        try await withServer({
            $0.patience = 3_600_000
            $0.connectionsOfOne = 2
            $0.connectionsOfRoot = 2
        }) { client in
            var held: [Held] = []
            while try await !client.problem().contains("too many connections"), held.count < 9 {
                held.append(try Held(client.path))
            }
            // Those that asked before may still have had a place for a moment.
            #expect((1...4).contains(held.count))
            held.removeAll()
            while try await client.problem().contains("too many connections") { await Task.yield() }
            #expect(try await !client.answer(ControlRequest(.status)).isEmpty)
        }
    }

    @Test("Questions beyond the burst are refused, right or wrong; what changes something never is")
    func hurried() async throws {
        try await withServer({ $0.burst = 10 }) { client in
            let lines = [#"{"kind":"status"}"#, "nonsense"]
            var asked = 0
            while try await !client.problem(of: lines[asked % 2]).contains("too many"), asked < 20 { asked += 1 }
            // Looking whether the server is there may have been counted.
            #expect((9...10).contains(asked))
            for line in lines { #expect(try await client.problem(of: line) == "too many requests: retry after 50 ms") }
            if geteuid() == 0 {
                for kind in ControlRequest.Kind.allCases where kind.changes {
                    let answer = try await client.answer(ControlRequest(kind))
                    #expect(!String(decoding: answer, as: UTF8.self).contains("too many"))
                }
            }
        }
    }

    @Test("Damaged lines are each answered, none of them changes who asks, and the server goes on")
    func damaged() async throws {
        var random = SplitMix64(seed: 20_251_201)
        let seed = Array(#"{"kind":"hold","vm":"web-1","step":"35%","seconds":60,"reason":"r"}"#.utf8)
        try await withServer { client in
            for _ in 0..<400 {
                var line = seed
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let place = Int.random(in: 0..<line.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: line[place] = UInt8.random(in: .min ... .max, using: &random)
                    case 1: line.removeSubrange(place...)
                    default: line.insert(contentsOf: seed.prefix(place), at: place)
                    }
                    if line.isEmpty { line = [0] }
                }
                let answer = try await client.answer(line)
                #expect(try JSONSerialization.jsonObject(with: answer) is [String: String], "\(line)")
            }
            #expect(try await !client.answer(ControlRequest(.status)).isEmpty)
        }
    }

    @Test("A second server is refused while the first answers", .timeLimit(.minutes(1)))
    func second() async throws {
        try await withServer { client in
            let other = ControlServer(path: client.path) { _ in Data() }
            await #expect(throws: SocketError.self) { try await other.run() }
            let answer = try await client.answer(ControlRequest(.status))
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

/// A connection that is held open.
private final class Held {
    let socket: UnixSocket

    init(_ path: String) throws {
        socket = try UnixSocket.connect(to: path)
    }
}

extension ControlClient {
    /// The answer to a request.
    fileprivate func answer(_ request: ControlRequest) async throws -> Data { try await offPool { try ask(request) } }

    /// The answer to a line, right or wrong.
    fileprivate func answer(_ line: [UInt8]) async throws -> Data {
        try await offPool { try ask(line: line, withinSeconds: 60) }
    }

    /// The answer to a line, right or wrong.
    fileprivate func send(line: String) async throws -> Data { try await answer(Array(line.utf8)) }

    /// Why a line is refused; empty where it is not.
    fileprivate func problem(of line: String = #"{"kind":"status"}"#) async throws -> String {
        (try? JSONDecoder().decode(ControlProblem.self, from: await send(line: line)))?.error ?? ""
    }
}
