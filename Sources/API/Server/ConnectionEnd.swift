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
///
/// What is not HTTP, or arrives too slowly, it passes on as a `RequestFault` in place of the rest of the request, and
/// takes nothing more from that client.
final class ConnectionEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long requests that have arrived may take to be answered, once the server ends.
    static let answerLimit = TimeAmount.seconds(3)
    /// How long the server waits for a request, on a connection where it expects one.
    static let requestLimit = TimeAmount.seconds(1)
    /// How long the client may take to close its side after the last answer was sent. If the server closed while the
    /// client still sends, the kernel would reset the connection and the answer could be lost.
    static let lingerLimit = TimeAmount.seconds(1)

    enum Stage {
        case open
        /// The server ends. The next answer that begins while no other request is unanswered is the last.
        case ending
        /// The last answer has begun; further requests are ignored.
        case lastAnswer
        /// The last answer was written and is being sent.
        case sendingLast
        case closed
    }

    private let isDraining: @Sendable () -> Bool
    let connections: OpenConnections
    private(set) var context: ChannelHandlerContext?
    var stage = Stage.open
    var hasHadRequest = false
    var unansweredRequests = 0
    /// Whether the head of a request has come and not yet its end.
    var isReceiving = false
    /// The same from the first byte of a request on. `clock` knows since when, if it is longer than one read.
    var isRequestBegun = false
    var discardedBytes = 0
    /// Nothing is taken behind the present request.
    var takesNoFurtherRequest = false
    /// Whether what arrives is still looked at.
    var takesBytes = true
    private var limit: Scheduled<Void>?

    var framing = FramingAllowance()
    var clock: ConnectionClock
    var ticks: Scheduled<Void>?
    var isReading = false

    init(_ connections: OpenConnections, isDraining: @escaping @Sendable () -> Bool) {
        self.connections = connections
        self.isDraining = isDraining
        clock = ConnectionClock(connections.limits, at: .now())
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200 && beginLastAnswer():
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.write(data, promise: promise)
            endAnswer()
        default:
            clock.write()
            context.write(data, promise: promise)
        }
    }

    /// Whether the answer that begins now is the last one and must say so. Call this once for each answer.
    func beginLastAnswer() -> Bool {
        let isLast =
            switch stage {
            case .open: unansweredRequests == 1 && (takesNoFurtherRequest || isDraining())
            case .ending: unansweredRequests == 1
            case .lastAnswer, .sendingLast, .closed: false
            }
        if isLast { stage = .lastAnswer }
        return isLast
    }

    /// Call this when an answer has been written to its end.
    func endAnswer(at now: NIODeadline = .now()) {
        unansweredRequests -= 1
        clock.endAnswer(at: now)
        // The fault of a request may come when its answer has begun.
        let isBroken = !takesBytes && unansweredRequests == 0
        if stage == .lastAnswer || isBroken, let context { closeOutput(context) }
    }

    var isAnswering: Bool { unansweredRequests > 0 }

    // MARK: The end

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
            closeNow(context)
        case .lastAnswer, .sendingLast:
            close(context, in: Self.answerLimit)
        case .ending, .closed:
            break
        }
    }

    /// Whether the kernel has received bytes that this process has not read yet.
    func isRequestWaiting(_ context: ChannelHandlerContext) -> Bool {
        let waiting = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var byte: UInt8 = 0
            return recv(socket, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
        }
        return waiting ?? false
    }

    func closeNow(_ context: ChannelHandlerContext) {
        stage = .closed
        context.close(promise: nil)
    }

    /// Closes the sending side, so that the client can read the answer to its end and then close its own side.
    func closeOutput(_ context: ChannelHandlerContext) {
        guard stage != .sendingLast, stage != .closed else { return }
        stage = .sendingLast
        takesBytes = false
        context.flush()
        let isSent = context.eventLoop.makePromise(of: Void.self)
        isSent.futureResult.assumeIsolated().whenComplete { [self] _ in
            guard stage == .sendingLast, let context = self.context else { return }
            stage = .closed
            close(context, in: Self.lingerLimit)
        }
        context.close(mode: .output, promise: isSent)
    }

    func close(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        limit?.cancel()
        limit = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.close(promise: nil) }
    }

    func channelActive(context: ChannelHandlerContext) {
        tick(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        limit?.cancel()
        ticks?.cancel()
        stage = .closed
        context.fireChannelInactive()
    }

    /// Whether the limits of time still matter. Once the server ends or the client is to close, others do.
    var isTimed: Bool { stage == .open || stage == .lastAnswer || stage == .sendingLast }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
}
