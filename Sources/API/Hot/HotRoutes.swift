import HummingbirdCore
import JSON
import Logging
import NIOCore
import NIOHTTP1

/// The hot routes, with the access check and the log that their requests need.
struct HotRoutes: Sendable {
    private let routes: [HotRoute]
    let access: Access
    let log: Logger

    /// Larger bodies are parsed off the event loop, because other connections should not wait for so long.
    private static let maximumBytesOnEventLoop = 64 << 10

    init(_ routes: [HotRoute], _ server: ServerContext) {
        self.routes = routes
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
        if request.body.readableBytes <= Self.maximumBytesOnEventLoop {
            Self.answer(request, reply)
        } else {
            Task { Self.answer(request, reply) }
        }
    }

    private static func answer(_ request: HotRequest, _ reply: HotReply) {
        guard let principal = request.principal else { preconditionFailure("its sender is known") }
        do {
            try request.refuseQuery()
            let document = try request.body.withUnsafeReadableBytes { (bytes) throws(JSONFailure) in
                try JSONDocument(Array(bytes))
            }
            try request.route.answer(document.root, principal, reply)
        } catch {
            reply { throw error }
        }
    }
}
