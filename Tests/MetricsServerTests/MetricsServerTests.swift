import Foundation
import MetricsServer
@testable import Reporting
import TestSupport
import Testing

@Suite("The metrics endpoint", .serialized)
struct MetricsServerTests {
    private func withServer(
        _ adjust: (inout ScrapeLimits) -> Void = { _ in },
        _ body: (Scraper) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/quell-\(UUID().uuidString.prefix(8)).sock"
        var limits = ScrapeLimits()
        limits.requestSeconds = 600
        limits.connectionSeconds = 600
        limits.burst = 1e6
        adjust(&limits)
        let server = MetricsServer(limits: limits, clock: { 0 }) { accept in
            ScrapeAnswer(contentType: "text/plain; of=\(accept.count)", bytes: Array("quell_up 1\n".utf8))
        }
        let descriptor = try SocketFile.listen(at: path, mode: 0o660)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(at: .descriptor(descriptor)) }
            try await body(Scraper(path: path))
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
        await #expect(throws: SocketError.self) { _ = try await Scraper(path: path).get("/metrics") }
        try FileManager.default.removeItem(atPath: path)
    }

    @Test("A scrape is answered with what it is and how long it is, and the connection ends", .timeLimit(.minutes(1)))
    func scrape() async throws {
        try await withServer { (scraper: Scraper) async throws in
            let answer = try await scraper.get("/metrics", headers: ["Accept: a/b", "accept: c"])
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: text/plain; of=5\r\n"))
            #expect(answer.contains("Content-Length: 11\r\n") && answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nquell_up 1\n"))
            #expect(try await scraper.get("/metrics?x=1").hasPrefix("HTTP/1.1 200 OK\r\n"))
            let head = try await scraper.ask("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("Another path and another method are refused with a word on what is", .timeLimit(.minutes(1)))
    func others() async throws {
        try await withServer { (scraper: Scraper) async throws in
            for path in ["/", "/metricsx", "/METRICS", "/../metrics"] {
                let answer = try await scraper.get(path)
                #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n") && answer.hasSuffix("metrics are at /metrics\n"))
            }
            let post = try await scraper.ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
            #expect(post.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n") && post.contains("Allow: GET, HEAD\r\n"))
        }
    }

    @Test(
        "What is no request gets no scrape, and the next one is answered",
        .timeLimit(.minutes(1)),
        arguments: [
            "\r\n\r\n\r\n", "nonsense\r\n\r\n", "GET /metrics\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "\0\u{1}\u{2}\r\n\r\n",
        ]
    )
    func nonsense(text: String) async throws {
        try await withServer { (scraper: Scraper) async throws in
            #expect(try await !scraper.ask(text, ending: true).contains("quell_up"))
            #expect(try await scraper.get("/metrics").hasSuffix("quell_up 1\n"))
        }
    }

    @Test("A request that is too long is cut off, headers and body alike", .timeLimit(.minutes(1)))
    func tooLong() async throws {
        try await withServer { (scraper: Scraper) async throws in
            let long = String(repeating: "a", count: 20_000)
            #expect(try await scraper.get("/metrics", headers: ["X: \(long)"]) == "")
            let post = "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n"
            #expect(try await scraper.ask(post + long) == "")
            #expect(try await scraper.get("/metrics").hasSuffix("quell_up 1\n"))
        }
    }

    @Test("Scrapes beyond the burst are refused, and told when to come again", .timeLimit(.minutes(1)))
    func tooMany() async throws {
        try await withServer({ $0.burst = 2 }) { (scraper: Scraper) async throws in
            for _ in 0..<2 { #expect(try await scraper.get("/metrics").hasPrefix("HTTP/1.1 200")) }
            let refused = try await scraper.get("/metrics")
            #expect(refused.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n") && refused.contains("Retry-After: 1\r\n"))
        }
    }

    @Test("Connections that say nothing are few, and one that ends makes room", .timeLimit(.minutes(1)))
    func crowded() async throws {
        try await withServer({ $0.connections = 2 }) { (scraper: Scraper) async throws in
            var held = [try scraper.hold(), try scraper.hold()]
            while try await !scraper.get("/metrics").isEmpty { await Task.yield() }
            held.removeAll()
            while try await scraper.get("/metrics").isEmpty { await Task.yield() }
        }
    }

    @Test("A connection that does not send its request in time is closed", .timeLimit(.minutes(1)))
    func silent() async throws {
        try await withServer({ $0.requestSeconds = 0 }) { (scraper: Scraper) async throws in
            #expect(try await scraper.ask("GET /metr") == "")
        }
    }

    @Test("Of several requests on one connection the first alone is answered", .timeLimit(.minutes(1)))
    func pipelined() async throws {
        try await withServer { (scraper: Scraper) async throws in
            let one = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await scraper.ask(one + one + one)
            #expect(answer.components(separatedBy: "quell_up").count == 2)
        }
    }

    @Test("It listens at a loopback address, and says so where it cannot", .timeLimit(.minutes(1)))
    func loopback() async throws {
        let server = MetricsServer { _ in ScrapeAnswer(contentType: "a", bytes: []) }
        let (ports, told) = AsyncStream.makeStream(of: Int?.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(at: .address("127.0.0.1", port: 0)) { told.yield($0) } }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next() ?? nil)
            await #expect(throws: (any Error).self) { try await server.run(at: .address("127.0.0.1", port: port)) }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }
}

/// A client that sends what it is given and takes all that comes.
private struct Scraper: Sendable {
    let path: String

    /// A connection that is held open.
    final class Held {
        let socket: UnixSocket

        init(_ path: String) throws {
            socket = try UnixSocket.connect(to: path)
        }
    }

    func hold() throws -> Held { try Held(path) }

    func get(_ target: String, headers: [String] = []) async throws -> String {
        try await ask((["GET \(target) HTTP/1.1", "Host: a"] + headers + ["", ""]).joined(separator: "\r\n"))
    }

    /// Sends text and takes all that comes until the server closes.
    func ask(_ text: String, ending: Bool = false) async throws -> String {
        try await offPool { try answer(to: text, ending: ending) }
    }

    private func answer(to text: String, ending: Bool) throws -> String {
        let socket = try UnixSocket.connect(to: path)
        socket.write(Array(text.utf8), within: 30_000)
        if ending { shutdown(socket.descriptor, Int32(SHUT_WR)) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let room = chunk.count
            // SAFETY: at most `room` bytes are written into `chunk`.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(socket.descriptor, $0.baseAddress, room, 0) }
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += chunk[..<count]
        }
    }
}
