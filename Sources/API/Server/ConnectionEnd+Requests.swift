import NIOCore
import NIOHTTP1

/// Takes the requests of a connection, up to the first that is none.
extension ConnectionEnd {
    func bytesArrived() {
        if !clock.isReceiving, takesBytes, !takesNoFurtherRequest { clock.beginRequest(at: .now()) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard takesBytes else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard begin(head, context) else { return }
        case .body(let bytes):
            framing.takeBody(bytes.readableBytes)
            clock.takeBody(bytes.readableBytes)
            if unansweredRequests == 0 { discardedBytes += bytes.readableBytes }
            if discardedBytes > ConnectionLimits.maximumDiscardedBytes { return closeOutput(context) }
        case .end:
            isReceiving = false
            discardedBytes = 0
            framing.endRequest()
            clock.endRequest()
        }
        context.fireChannelRead(data)
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
        if !clock.isReceiving { clock.beginRequest(at: .now()) }
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
        context.fireChannelReadComplete()
    }
}
