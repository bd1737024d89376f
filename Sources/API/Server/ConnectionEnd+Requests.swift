import NIOCore
import NIOHTTP1

/// Takes the requests of a connection, up to the first that is none.
extension ConnectionEnd {
    func bytesArrived() { if takesBytes, !takesNoFurtherRequest { isRequestBegun = true } }

    /// Whether the next handler may have this part of a request. That handler asks, so that each part is unwrapped once.
    func takes(_ part: HTTPServerRequestPart) -> Bool {
        guard takesBytes, let context else { return false }
        switch part {
        case .head(let head):
            return begin(head, context)
        case .body(let bytes):
            framing.takeBody(bytes.readableBytes)
            clock.takeBody(bytes.readableBytes)
            if unansweredRequests == 0 { discardedBytes += bytes.readableBytes }
            guard discardedBytes <= ConnectionLimits.maximumDiscardedBytes else {
                closeOutput(context)
                return false
            }
        case .end:
            isReceiving = false
            isRequestBegun = false
            discardedBytes = 0
            framing.endRequest()
            clock.endRequest()
        }
        return true
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard stage == .open || stage == .ending, !takesNoFurtherRequest else {
            takesBytes = false
            return false
        }
        let check = RequestHeadCheck(head)
        if let fault = check.fault {
            fail(fault)
            return false
        }
        hasHadRequest = true
        unansweredRequests += 1
        isReceiving = true
        takesNoFurtherRequest = check.isLast
        // It may have come together with the one before.
        isRequestBegun = true
        framing.beginBody(hasLength: !check.isChunked)
        if stage == .ending, unansweredRequests == 1 { close(context, in: Self.answerLimit) }
        return true
    }

    /// The answer to the present request is the last one.
    func takeNoFurtherRequest() { takesNoFurtherRequest = true }

    func failOfFraming() { fail(isReceiving ? .tooMuchAroundChunks : .headTooLarge) }

    /// Ends the present request, or what should have become one, with a fault. If the request has its answer already,
    /// the connection just ends.
    func fail(_ fault: RequestFault) {
        guard let context, takesBytes, isReceiving || !takesNoFurtherRequest else { return }
        takesBytes = false
        takesNoFurtherRequest = true
        isRequestBegun = false
        clock.endRequest()
        if isReceiving, unansweredRequests == 0 { return closeOutput(context) }
        if !isReceiving { unansweredRequests += 1 }
        isReceiving = false
        context.fireErrorCaught(fault)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError: fail(RequestFault(error))
        // The decoder complains of all that comes behind what it could not read.
        case is ByteToMessageDecoderError: break
        default: context.fireErrorCaught(error)
        }
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        // Nearly all requests come whole in one read, and need no look at the clock.
        if isRequestBegun, !clock.isReceiving { clock.beginRequest(at: .now()) }
        context.fireChannelReadComplete()
    }
}
