import Glibc
import NIOCore
import NIOHTTP1

/// Ends one connection so that nobody is left without an answer who could have had one.
///
/// A server that just closes its connections loses the requests that are on their way to it. While the server drains,
/// each connection's next answer therefore says that it is the last (`Connection: close`); a client that reads it sends
/// nothing more there. When the server ends, requests that have arrived are still answered; only a connection without
/// any is closed unannounced, as HTTP/1.1 has no other way. A request that crosses that is not begun: its client sees the
/// connection end without an answer and may send it again.
final class ConnectionEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// For the requests that have arrived to be answered, once the server ends.
    static let answerLimit = TimeAmount.seconds(3)
    /// For a request to come, where one is to be expected.
    static let requestLimit = TimeAmount.seconds(1)
    /// For the client to close its side after the last answer. Closing while it still sends would make the kernel reset
    /// the connection, and the answer could be lost.
    static let lingerLimit = TimeAmount.seconds(1)

    private enum Stage {
        case open
        /// The next answer that is the only one outstanding is the last.
        case ending
        /// The last answer has begun: nothing is read any more.
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

    /// Whether the answer that begins now is the last, and must say so; `keepsAlive` is what its client wants. Asked once
    /// for each answer.
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

    /// An answer was written to its end.
    func endAnswer() {
        unansweredRequests -= 1
        if stage == .lastAnswer, let context { closeOutput(context) }
    }

    /// The server ends.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        switch stage {
        case .open where unansweredRequests > 0:
            stage = .ending
            close(context, in: Self.answerLimit)
        case .open where !hasHadRequest || isRequestWaiting(context):
            // Whoever has just connected is about to ask.
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

    /// Whether the kernel has bytes that were not read yet.
    private func isRequestWaiting(_ context: ChannelHandlerContext) -> Bool {
        let waiting = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var byte: UInt8 = 0
            return recv(socket, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
        }
        return waiting ?? false
    }

    /// Lets the client read to the end, and close.
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
