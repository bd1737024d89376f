import HummingbirdCore
import JSON
import Logging
import NIOCore
import NIOHTTP1

/// The hot routes, with the access check and the log that their requests need.
struct HotRoutes: Sendable {
    private let routes: [HotRoute]
    /// The metrics of what was no request.
    let unrouted: RouteSeries
    let access: Access
    let log: Logger

    /// Larger bodies are parsed off the event loop, because other connections should not wait for so long. This many
    /// bytes are parsed in less than a tenth of a millisecond.
    private static let maximumBytesOnEventLoop = 16 << 10

    init(_ routes: [HotRoute], _ server: ServerContext) {
        self.routes = routes
        unrouted = server.metrics.series(of: ServerMetrics.unroutedName)
        access = server.access
        log = server.log
    }

    /// The hot route that a request is for; nil where the request is for another route.
    func find(_ head: HTTPRequestHead) -> HotRoute? {
        guard head.method == .POST else { return nil }
        for route in routes where route.path == head.uri { return route }
        let path = URI(head.uri).path
        return routes.first { PathMethods(path: $0.path, methods: []).matches(path) }
    }

    func answer(_ request: HotRequest, _ reply: HotReply) {
        if request.body.readableBytes > Self.maximumBytesOnEventLoop {
            Task { Self.parse(request, reply) { Self.answer($0, request, reply) } }
            return
        }
        Self.parse(request, reply) { json in
            if request.route.isLong(json) {
                Task { Self.answer(json, request, reply) }
            } else {
                Self.answer(json, request, reply)
            }
        }
    }

    private static func parse(_ request: HotRequest, _ reply: HotReply, _ use: (JSONValue) -> Void) {
        do {
            try request.refuseQuery()
            let document = try request.body.withUnsafeReadableBytes { (bytes) throws(JSONFailure) in
                try JSONDocument(Array(bytes))
            }
            use(document.root)
        } catch {
            reply { throw error }
        }
    }

    private static func answer(_ json: JSONValue, _ request: HotRequest, _ reply: HotReply) {
        guard let principal = request.principal else { preconditionFailure("its sender is known") }
        do {
            try request.route.answer(json, principal, reply)
        } catch {
            reply { throw error }
        }
    }
}
