import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 as in Hummingbird's own channel, with these differences: `OpenConnections` bounds the number of
/// connections, `ConnectionEnd` and `FramingLimit` refuse what is not HTTP, comes too slowly or never ends, and close
/// the connections, `HotRouteHandler` answers the hot routes before a request reaches Hummingbird, and a request that
/// is being read for is cancelled when its client goes away, which `ClientProbe` finds out.
struct ServerChannel: HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let hotRoutes: HotRoutes
    let connections: OpenConnections
    let isDraining: @Sendable () -> Bool

    init(
        responder: @escaping HTTPChannelHandler.Responder, hotRoutes: HotRoutes, connections: OpenConnections,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.responder = { request, writer, channel in
            try await responder(ContinuedBody.asking(channel, for: request), writer, channel)
        }
        self.hotRoutes = hotRoutes
        self.connections = connections
        self.isDraining = isDraining
    }

    /// Starts to answer at once. A connection that is accepted while the listening socket closes never reaches
    /// `handle`. If only `handle` started the answering, such a connection would get no answer, and SwiftNIO would end
    /// the process because the outbound writer was never finished.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            guard connections.enter() else {
                try pipeline.addHandler(RefusedConnection())
                return Connection(channel: channel, answering: nil)
            }
            channel.closeFuture.whenComplete { [connections] _ in connections.leave() }
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = ConnectionLimits.maximumHeadBytes
            limits.maxHeaderListSize = ConnectionLimits.maximumHeadBytes
            limits.maxHeaderFieldCount = ConnectionLimits.maximumHeaderFields
            // The async channel, the responder and the types of header fields already do what is switched off here.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            let end = ConnectionEnd(connections, isDraining: isDraining)
            try pipeline.addHandler(FramingLimit(connectionEnd: end), position: .first)
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
            await connection.answering?.value
        } onCancel: {
            connection.answering?.cancel()
        }
    }

    struct Connection: ServerChildChannelValue {
        let channel: any Channel
        /// Nil for a connection that was refused.
        fileprivate let answering: Task<Void, Never>?
    }
}
