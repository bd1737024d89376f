import JSON
import NIOCore

/// Answers what comes on a connection too many with 503, without a look at it, and closes the connection.
final class RefusedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var isAnswered = false
    private var limit: Scheduled<Void>?

    func channelActive(context: ChannelHandlerContext) {
        // A client that says nothing needs no answer.
        close(context, in: ConnectionEnd.requestLimit)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isAnswered { return }
        isAnswered = true
        var writer = JSONWriter()
        let problem = Problem(
            .unavailable, "This server has as many connections as it takes; nothing was done. Ask another or wait.")
        problem.write(to: &writer)
        var buffer = context.channel.allocator.buffer(capacity: ResponseHead.capacity + writer.bytes.count)
        var head = ResponseHead()
        head.write(.problem(problem.code), contentLength: writer.bytes.count, RequestTrace(), isLast: true, to: &buffer)
        buffer.writeBytes(writer.bytes)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        context.close(mode: .output, promise: nil)
        close(context, in: ConnectionEnd.lingerLimit)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed as ChannelEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        limit?.cancel()
        context.fireChannelInactive()
    }

    private func close(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        limit?.cancel()
        limit = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.close(promise: nil) }
    }
}
