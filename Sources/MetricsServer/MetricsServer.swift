import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers `GET /metrics` over HTTP/1.1, at a loopback address or at a socket in the file system, and nothing else.
///
/// One thread serves it. A connection is closed after its answer; their number, the length of a request, its time and the
/// number of scrapes are bounded (``ScrapeLimits``).
public struct MetricsServer: Sendable {
    /// Where it listens.
    public enum Place: Sendable, Equatable {
        /// At an IP address and port.
        case address(String, port: Int)
        /// At a bound socket, which it takes over.
        case descriptor(Int32)
    }

    private let limits: ScrapeLimits
    private let clock: @Sendable () -> Double
    private let scrape: @Sendable (_ accept: String) async -> ScrapeAnswer

    /// A server, not yet listening.
    ///
    /// - Parameters:
    ///   - limits: How much may be asked of it.
    ///   - clock: Seconds of a clock that does not go back; `nil` for the host's own.
    ///   - scrape: Makes the answer to a scrape, given the request's header `Accept`.
    public init(
        limits: ScrapeLimits = ScrapeLimits(),
        clock: (@Sendable () -> Double)? = nil,
        scrape: @escaping @Sendable (_ accept: String) async -> ScrapeAnswer
    ) {
        self.limits = limits
        self.clock = clock ?? { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }
        self.scrape = scrape
    }

    /// Listens and answers until the task is cancelled.
    ///
    /// - Parameters:
    ///   - place: Where.
    ///   - ready: Told the port once it listens; `nil` for a socket in the file system.
    /// - Throws: Where the place cannot be listened at.
    public func run(at place: Place, ready: @Sendable (Int?) -> Void = { _ in }) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(at: place, on: group, ready)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(
        at place: Place,
        on group: MultiThreadedEventLoopGroup,
        _ ready: @Sendable (Int?) -> Void
    ) async throws {
        let gate = ScrapeGate(limits, clock: clock)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [limits, scrape] channel in
                guard let seat = gate.enter() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in seat.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let limit = RequestLimit(limits)
                    try pipeline.addHandler(limit)
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
                    try pipeline.addHandler(ScrapeHandler(gate, limit, scrape))
                }
            }
        let channel: any Channel
        switch place {
        case .address(let host, let port):
            channel = try await bootstrap.bind(to: SocketAddress(ipAddress: host, port: port)).get()
        case .descriptor(let descriptor): channel = try await bootstrap.withBoundSocket(descriptor).get()
        }
        ready(channel.localAddress?.port)
        try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
