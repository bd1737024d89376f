import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 as Hummingbird's own channel does it, but with `ConnectionEnd` for the end of a connection, and with the hot
/// routes answered before a request comes as far as Hummingbird.
struct OfficeChannel: HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let hotRoutes: HotRoutes
    let isDraining: @Sendable () -> Bool

    private static let maximumHeaderBytes = 80 * 1024

    /// Begins to answer at once. A connection that is accepted while the listening socket closes never comes as far as
    /// `handle`; left to itself it would have no answer, and SwiftNIO ends the process over a writer nobody finished.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = Self.maximumHeaderBytes
            // What is switched off here is done by the async channel, the responder and the types of header fields.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            let end = ConnectionEnd(isDraining: isDraining)
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            try pipeline.addHandlers(
                end, HotRouteHandler(routes: hotRoutes, connectionEnd: end, encoder: encoder),
                HTTP1ToHTTPServerCodec(secure: false))
            let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            return Connection(
                channel: channel, answering: Task { await handleHTTP(asyncChannel: parts, logger: logger) })
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
