import NIOCore
import NIOHTTP1

/// Answers the one request of a connection, then closes it.
final class ScrapeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let gate: ScrapeGate
    private let limit: RequestLimit
    private let scrape: @Sendable (String) async -> ScrapeAnswer
    private var head: HTTPRequestHead?
    private var isAnswered = false

    /// A handler for one connection.
    init(_ gate: ScrapeGate, _ limit: RequestLimit, _ scrape: @escaping @Sendable (String) async -> ScrapeAnswer) {
        self.gate = gate
        self.limit = limit
        self.scrape = scrape
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): if self.head == nil { self.head = head }
        case .body: break
        case .end:
            guard let head, !isAnswered else { return }
            isAnswered = true
            limit.requestHasCome()
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let writer = NIOLoopBound(ResponseWriter(context: context, head: head), eventLoop: context.eventLoop)
        guard head.method == .GET || head.method == .HEAD else {
            return writer.value.refuse(.methodNotAllowed, "only GET is answered", [("Allow", "GET, HEAD")])
        }
        guard head.uri == "/metrics" || head.uri.hasPrefix("/metrics?") else {
            return writer.value.refuse(.notFound, "metrics are at /metrics")
        }
        if let wait = gate.wait() {
            let seconds = max(1, Int(wait.rounded(.up)))
            return writer.value.refuse(.tooManyRequests, "scraped too often", [("Retry-After", "\(seconds)")])
        }
        let accept = head.headers[canonicalForm: "accept"].joined(separator: ",")
        let loop = context.eventLoop
        // The event loop cannot wait; at most as many of these run as there are connections.
        Task { [scrape] in
            let answer = await scrape(accept)
            loop.execute { writer.value.write(.ok, answer) }
        }
    }
}

/// Writes the response of a connection and closes it.
private struct ResponseWriter {
    let context: ChannelHandlerContext
    let head: HTTPRequestHead

    func refuse(_ status: HTTPResponseStatus, _ reason: String, _ headers: [(String, String)] = []) {
        let text = Array((reason + "\n").utf8)
        write(status, ScrapeAnswer(contentType: "text/plain; charset=utf-8", bytes: text), headers)
    }

    func write(_ status: HTTPResponseStatus, _ answer: ScrapeAnswer, _ headers: [(String, String)] = []) {
        let all: [(String, String)] = [
            ("Content-Type", answer.contentType), ("Content-Length", "\(answer.bytes.count)"), ("Connection", "close"),
        ]
        let response = HTTPResponseHead(version: head.version, status: status, headers: HTTPHeaders(all + headers))
        write(.head(response))
        if head.method != .HEAD {
            write(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.bytes))))
        }
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil))).whenComplete { _ in
            context.value.close(promise: nil)
        }
    }

    private func write(_ part: HTTPServerResponsePart) {
        context.write(NIOAny(part), promise: nil)
    }
}
