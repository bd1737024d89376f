import NIOCore
import NIOHTTP1

/// Notices that a client leaves while its request waits for an answer.
extension HotRouteHandler {
    private static let pause = TimeAmount.seconds(1)

    func whenClientLeaves(_ act: @escaping () -> Void) {
        switch stage {
        case .answering:
            whenClientLeft = act
            if waiting.contains(where: \.isEnd) { probeClient() }
        case .ended: act()
        case .idle, .identifying, .receiving, .discarding, .handedOn: break
        }
    }

    /// A client that has closed its side may still wait for the answer, as `ClientProbe` says, so it is sent an interim
    /// response once a second. If it has gone away, it resets the connection.
    func probeClient() {
        guard whenClientLeft != nil, probe == nil, request?.knowsInterimResponses == true else { return }
        let this = NIOLoopBound(self, eventLoop: wire.eventLoop)
        probe = wire.eventLoop.scheduleRepeatedTask(initialDelay: Self.pause, delay: Self.pause) { _ in
            let wire = this.value.wire
            var line = wire.channel.allocator.buffer(capacity: 32)
            line.writeStaticString("HTTP/1.1 102 Processing\r\n\r\n")
            wire.writeAndFlush(NIOAny(IOData.byteBuffer(line)), promise: nil)
        }
    }

    /// Ends the watch over the client, because its request is answered or it has gone away.
    func endClientWatch(hasLeft: Bool) {
        probe?.cancel()
        probe = nil
        if hasLeft { whenClientLeft?() }
        whenClientLeft = nil
    }
}

extension HotRouteHandler.Arrival {
    fileprivate var isEnd: Bool { if case .end = self { true } else { false } }
}
