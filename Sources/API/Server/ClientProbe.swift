import NIOCore
import NIOHTTP1

/// Finds out whether a client that has closed its side still waits for its answer.
///
/// To the server, a client that only ended its requests and one that went away look alike: no more will come from
/// either. They differ when something is sent to them. A client that went away resets the connection, which then closes.
/// So while an answer is due to such a client, this sends it an interim response (102, which every HTTP/1.1 client
/// skips: RFC 9110, section 15.2) once a second.
final class ClientProbe: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private static let pause = TimeAmount.seconds(1)

    /// Whether a request has arrived whose answer has not begun, and whose client knows interim responses.
    private var isAnswerDue = false
    private var probe: RepeatedTask?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) { isAnswerDue = head.version == .http1_1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { isAnswerDue = false }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent, isAnswerDue, probe == nil {
            let this = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            probe = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.pause, delay: Self.pause) { task in
                let (probe, context) = this.value
                guard probe.isAnswerDue else { return task.cancel() }
                let interim = HTTPResponseHead(version: .http1_1, status: .processing)
                context.writeAndFlush(probe.wrapOutboundOut(.head(interim)), promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        probe?.cancel()
        probe = nil
    }
}
