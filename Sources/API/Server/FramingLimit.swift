import NIOCore

/// Passes bytes to the HTTP decoder, as many as a request may have besides its body.
///
/// The decoder skips line ends before a request, spaces before a value and extensions of chunks without a limit, and
/// tells nobody of them. So they are counted here, before it.
final class FramingLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connectionEnd: ConnectionEnd

    init(connectionEnd: ConnectionEnd) { self.connectionEnd = connectionEnd }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        connectionEnd.bytesArrived()
        while connectionEnd.takesBytes {
            let allowedBytes = connectionEnd.framing.remainingBytes
            if bytes.readableBytes <= allowedBytes {
                connectionEnd.framing.take(bytes.readableBytes)
                return context.fireChannelRead(wrapInboundOut(bytes))
            }
            guard allowedBytes > 0, let some = bytes.readSlice(length: allowedBytes) else {
                return connectionEnd.failOfFraming()
            }
            connectionEnd.framing.take(allowedBytes)
            context.fireChannelRead(wrapInboundOut(some))
        }
    }
}
