import NIOCore

/// Closes a connection whose request is too long, or that takes too long.
final class RequestLimit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limits: ScrapeLimits
    private var received = 0
    private var requestDeadline: Scheduled<Void>?
    private var connectionDeadline: Scheduled<Void>?

    /// A limit for one connection.
    init(_ limits: ScrapeLimits) {
        self.limits = limits
    }

    /// Notes that the whole request has come.
    func requestHasCome() { requestDeadline?.cancel() }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let close: @Sendable () -> Void = { channel.close(promise: nil) }
        requestDeadline = context.eventLoop.scheduleTask(in: .seconds(Int64(limits.requestSeconds)), close)
        connectionDeadline = context.eventLoop.scheduleTask(in: .seconds(Int64(limits.connectionSeconds)), close)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        requestDeadline?.cancel()
        connectionDeadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        guard received <= limits.requestBytes else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }
}
