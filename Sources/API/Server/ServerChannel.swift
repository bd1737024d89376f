import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 as in Hummingbird's own channel, with three differences: `ConnectionEnd` closes the connections,
/// `HotRouteHandler` answers the hot routes before a request reaches Hummingbird, and a request that is being read for
/// is cancelled when its client goes away, which `ClientProbe` finds out.
struct ServerChannel: HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let hotRoutes: HotRoutes
    let isDraining: @Sendable () -> Bool

    private static let maximumHeaderBytes = 80 * 1024

    /// Starts to answer at once. A connection that is accepted while the listening socket closes never reaches
    /// `handle`. If only `handle` started the answering, such a connection would get no answer, and SwiftNIO would end
    /// the process because the outbound writer was never finished.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = Self.maximumHeaderBytes
            // The async channel, the responder and the types of header fields already do what is switched off here.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            let end = ConnectionEnd(isDraining: isDraining)
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            try pipeline.addHandlers(
                end, HotRouteHandler(routes: hotRoutes, connectionEnd: end, encoder: encoder), ClientProbe(),
                HTTP1ToHTTPServerCodec(secure: false))
            let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            let answering = Task { await handleHTTP(asyncChannel: parts, logger: logger) }
            // Nobody waits for the answers any more. This ends the reports that are being read for them.
            channel.closeFuture.whenComplete { _ in answering.cancel() }
            return Connection(channel: channel, answering: answering)
        }
    }

    func handle(value connection: Connection, logger: Logger) async {
        await withTaskCancellationHandler {
            await connection.answering.value
        } onCancel: {
            connection.answering.cancel()
        }
    }

    struct Connection: ServerChildChannelValue {
        let channel: any Channel
        fileprivate let answering: Task<Void, Never>
    }
}
