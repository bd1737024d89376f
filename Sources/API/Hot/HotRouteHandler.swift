import NIOCore
import NIOHTTP1

/// Answers the requests to hot routes on the event loop and passes all other requests to the next handler.
///
/// It handles the requests of a connection one after another. While a request is unanswered, the parts of the following
/// requests wait in `waiting`. While parts wait, the handler reads nothing more from the socket.
final class HotRouteHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Stage {
        /// Every request that has begun has been answered.
        case idle
        /// The caller of the hot request is being looked up.
        case identifying
        /// The body of the hot request is arriving.
        case receiving
        case answering
        /// The hot request was answered before its whole body arrived. The rest of the body is discarded.
        case discarding
        /// The request belongs to another route, so the next handler has it. That handler may answer before the whole
        /// request has arrived.
        case handedOn(isReceived: Bool, isAnswered: Bool)
        /// This handler answers nothing more.
        case ended
    }

    enum Arrival {
        case part(HTTPServerRequestPart)
        /// The last request is none.
        case fault(RequestFault)
        /// The connection has failed.
        case failure(any Error)
        /// The client has closed its side.
        case end
    }

    let routes: HotRoutes
    let connectionEnd: ConnectionEnd
    /// The response encoder's context. Bytes written through it skip the encoder and go out unchanged.
    let wire: ChannelHandlerContext
    private var context: ChannelHandlerContext?

    var stage = Stage.idle
    /// The hot request that has not been answered yet.
    var request: HotRequest?
    /// Whether the client waits for `100 Continue` before it sends the body of the present request.
    var isContinueOwed = false
    var lastBearer = LastBearer()
    var responseHead = ResponseHead()

    var waiting = CircularBuffer<Arrival>()
    private var isReadWithheld = false
    private var hasHandedOn = false
    var hasUnflushed = false
    /// What to do if the client goes away before its request is answered; nil where nothing waits for long.
    var whenClientLeft: (() -> Void)?
    var probe: RepeatedTask?

    /// - Parameter encoder: the context of the response encoder, which is nearer to the socket than this handler.
    init(routes: HotRoutes, connectionEnd: ConnectionEnd, encoder: ChannelHandlerContext) {
        self.routes = routes
        self.connectionEnd = connectionEnd
        wire = encoder
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if connectionEnd.takes(part) { arrive(.part(part), context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        arrive((error as? RequestFault).map(Arrival.fault) ?? .failure(error), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            arrive(.end, context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func arrive(_ arrival: Arrival, _ context: ChannelHandlerContext) {
        if waiting.isEmpty, isTime(for: arrival, context) {
            take(arrival, context)
        } else {
            waiting.append(arrival)
            if case .end = arrival { probeClient() }
        }
    }

    private func isTime(for arrival: Arrival, _ context: ChannelHandlerContext) -> Bool {
        switch (stage, arrival) {
        // Takes no further request from a client that does not read its answers.
        case (.idle, .part): context.channel.isWritable
        case (.handedOn(isReceived: true, _), .part), (.handedOn(isReceived: true, _), .fault): false
        case (.identifying, _), (.answering, _): false
        default: true
        }
    }

    private func take(_ arrival: Arrival, _ context: ChannelHandlerContext) {
        switch arrival {
        case .part(let part):
            take(part, context)
        case .fault(let fault):
            refuse(fault, context)
        case .failure(let error):
            stopUnlessHandedOn()
            context.fireErrorCaught(error)
        case .end:
            stopUnlessHandedOn()
            // The rest of the pipeline closes the connection when it sees this event, so everything written must be
            // sent first.
            let isOut = context.eventLoop.makePromise(of: Void.self)
            wire.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: isOut)
            isOut.futureResult.assumeIsolated().whenComplete { _ in
                context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
        }
    }

    private func stopUnlessHandedOn() {
        if case .handedOn = stage { return }
        stage = .ended
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (stage, part) {
        case (.idle, .head(let head)):
            if let route = routes.find(head) {
                begin(route, head, context)
            } else {
                isContinueOwed = head.expectsContinue
                stage = .handedOn(isReceived: false, isAnswered: false)
                handOn(part, context)
            }
        case (.receiving, .body(let bytes)):
            request?.append(bytes)
            refuseIfTooLarge()
        case (.receiving, .end):
            answer(context)
        case (.discarding, .end):
            stage = .idle
        case (.handedOn(_, let isAnswered), .end):
            stage = isAnswered ? .idle : .handedOn(isReceived: true, isAnswered: false)
            handOn(part, context)
        case (.handedOn, _), (.idle, _):
            handOn(part, context)
        case (.discarding, _), (.ended, _), (.receiving, _), (.identifying, _), (.answering, _):
            break
        }
    }

    private func handOn(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        hasHandedOn = true
        context.fireChannelRead(wrapInboundOut(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasUnflushed {
            hasUnflushed = false
            wire.flush()
        }
        guard hasHandedOn else { return }
        hasHandedOn = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadWithheld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        goOn()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stage = .ended
        waiting.removeAll()
        endClientWatch(hasLeft: true)
        context.fireChannelInactive()
    }

    /// Takes the waiting arrivals whose turn has come, then flushes what was written.
    func goOn() {
        guard let context else { return }
        while let next = waiting.first, isTime(for: next, context) {
            waiting.removeFirst()
            take(next, context)
        }
        channelReadComplete(context: context)
        if waiting.isEmpty, isReadWithheld {
            isReadWithheld = false
            context.read()
        }
    }

    // MARK: Answers of the next handlers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        if case .head(let head) = part, head.status.code >= 200 { endWithoutContinue() }
        context.write(data, promise: promise)
        guard case .end = part, case .handedOn(let isReceived, _) = stage else { return }
        stage = isReceived ? .idle : .handedOn(isReceived: false, isAnswered: true)
        if isReceived { goOn() }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ContinuedBody.IsWanted else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        writeContinue()
        channelReadComplete(context: context)
        promise?.succeed()
    }
}
