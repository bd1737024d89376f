import Glibc
import NIOCore
import NIOHTTP1

/// Closes one connection without losing requests that the server can still answer.
///
/// A server that simply closes its connections loses the requests that are on their way to it. While the server drains,
/// the next answer on each connection therefore says that it is the last (`Connection: close`). A client that reads
/// this sends nothing more on the connection. When the server ends, it still answers the requests that have arrived. It
/// closes only connections without a request unannounced, because HTTP/1.1 has no other way. A request that is on its
/// way during such a close is not begun: its client sees the connection end without an answer, and may send the request
/// again.
final class ConnectionEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long requests that have arrived may take to be answered, once the server ends.
    static let answerLimit = TimeAmount.seconds(3)
    /// How long the server waits for a request, on a connection where it expects one.
    static let requestLimit = TimeAmount.seconds(1)
    /// How long the client may take to close its side after the last answer. If the server closed while the client
    /// still sends, the kernel would reset the connection and the answer could be lost.
    static let lingerLimit = TimeAmount.seconds(1)

    private enum Stage {
        case open
        /// The server ends. The next answer that begins while no other request is unanswered is the last.
        case ending
        /// The last answer has begun; further requests are ignored.
        case lastAnswer
        case closed
    }

    private let isDraining: @Sendable () -> Bool
    private var context: ChannelHandlerContext?
    private var stage = Stage.open
    private var hasHadRequest = false
    private var unansweredRequests = 0
    private var isIgnoringRequest = false
    private var limit: Scheduled<Void>?

    init(isDraining: @escaping @Sendable () -> Bool) { self.isDraining = isDraining }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) {
            switch stage {
            case .open, .ending:
                hasHadRequest = true
                unansweredRequests += 1
                if stage == .ending, unansweredRequests == 1 { close(context, in: Self.answerLimit) }
            case .lastAnswer, .closed:
                isIgnoringRequest = true
            }
        }
        if !isIgnoringRequest { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200 && beginLastAnswer():
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.write(data, promise: promise)
            endAnswer()
        default:
            context.write(data, promise: promise)
        }
    }

    /// Whether the answer that begins now is the last one and must say so. `keepsAlive` says whether the client wants
    /// to keep the connection. Call this once for each answer.
    func beginLastAnswer(keepsAlive: Bool = true) -> Bool {
        let isLast =
            switch stage {
            case .open: !keepsAlive || (unansweredRequests == 1 && isDraining())
            case .ending: !keepsAlive || unansweredRequests == 1
            case .lastAnswer, .closed: false
            }
        if isLast { stage = .lastAnswer }
        return isLast
    }

    /// Call this when an answer has been written to its end.
    func endAnswer() {
        unansweredRequests -= 1
        if stage == .lastAnswer, let context { closeOutput(context) }
    }

    /// Begins to close the connection when the server ends.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        switch stage {
        case .open where unansweredRequests > 0:
            stage = .ending
            close(context, in: Self.answerLimit)
        case .open where !hasHadRequest || isRequestWaiting(context):
            // Waits for a request: the client has just connected and is about to send one, or one is already in the
            // kernel.
            stage = .ending
            close(context, in: Self.requestLimit)
        case .open:
            stage = .closed
            context.close(promise: nil)
        case .lastAnswer:
            close(context, in: Self.answerLimit)
        case .ending, .closed:
            break
        }
    }

    /// Whether the kernel has received bytes that this process has not read yet.
    private func isRequestWaiting(_ context: ChannelHandlerContext) -> Bool {
        let waiting = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var byte: UInt8 = 0
            return recv(socket, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
        }
        return waiting ?? false
    }

    /// Closes the sending side, so that the client can read the answer to its end and then close its own side.
    private func closeOutput(_ context: ChannelHandlerContext) {
        stage = .closed
        context.flush()
        context.close(mode: .output, promise: nil)
        close(context, in: Self.lingerLimit)
    }

    private func close(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        limit?.cancel()
        limit = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        limit?.cancel()
        context.fireChannelInactive()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
}
