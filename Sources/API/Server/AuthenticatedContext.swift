import Accounting
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A request with its caller.
struct AuthenticatedContext: Sendable {
    let request: Request
    let parameters: Parameters
    let query: QueryParameters
    let principal: Principal

    /// A path parameter, percent-decoded. Throws where it is not a valid name.
    func name(_ parameter: String) throws(Problem) -> String {
        guard let raw = parameters.get(parameter), let text = raw.removingPercentEncoding, Field.isName(text) else {
            throw Problem(.notFound, "The \(parameter) in the path must be \(Field.nameExpectation), percent-encoded.")
        }
        return text
    }

    /// The number in the path.
    ///
    /// - Parameter absence: a sentence without its period, for what is no number.
    func number(else absence: String) throws(Problem) -> Int64 {
        guard let number = parameters.get("number").flatMap({ Int64($0) }) else {
            throw Problem(.notFound, "\(absence): they are numbered.")
        }
        return number
    }

    /// The request's `Idempotency-Key`; nil if it has none.
    func idempotencyKey() throws(Problem) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Problem(.malformedRequest, "Idempotency-Key must be 1 to 255 visible ASCII characters.")
        }
        return key
    }

    /// A team in the path, as it was made, whatever of its names is used.
    func team(_ parameter: String, _ server: ServerContext) throws(Problem) -> String {
        server.configuration.names.team(named: try name(parameter))
    }

    /// Which part of a list with numbered records is asked for: how many, and before which.
    func page() throws -> (last: Int64?, limit: Int64) {
        let last = try query("after", "what an earlier answer has as next") { Int64($0) }
        let limit = try query("limit", "a whole number from 1 to 1000") { text in
            Int64(text).flatMap { (1...1000).contains($0) ? $0 : nil }
        }
        return (last, limit ?? 100)
    }

    /// The team a listing is limited to: the one that the query parameter `team` names, or the only one that the token
    /// may see. As it was made, whatever of its names is used.
    func visibleTeam(_ server: ServerContext) throws(Problem) -> String? {
        let configuration = server.configuration
        let team = try principal.visibleTeam(query("team").map { configuration.names.team(named: $0) })
        if let team, !configuration.teams.contains(team) { throw .unknownTeam(team) }
        return team
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}

/// The routes of the server, and the methods of each path.
final class RouteTable {
    private let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
    private(set) var paths: [PathMethods] = []
    private(set) var hot: [HotRoute] = []

    var responder: RouterResponder<BasicRequestContext> { router.buildResponder() }

    /// Adds a route that needs a token. `query` names all query parameters that it reads.
    ///
    /// - Parameter reads: whether it changes nothing, as no `GET` does.
    func on(
        _ method: HTTPRequest.Method, _ path: String, _ server: ServerContext, query: [String] = [],
        reads: Bool = false, _ handle: @escaping @Sendable (AuthenticatedContext) async throws -> Response
    ) {
        on(method, path, server, queryOf: { _ in query }, reads: reads, handle)
    }

    /// Adds a route whose query parameters depend on those in the path.
    func on(
        _ method: HTTPRequest.Method, _ path: String, _ server: ServerContext,
        queryOf declared: @escaping @Sendable (Parameters) -> [String], reads: Bool = false,
        _ handle: @escaping @Sendable (AuthenticatedContext) async throws -> Response
    ) {
        add(method, path) { request, context in
            let caller = try await server.access.caller(request.headers[.authorization])
            let context = try AuthenticatedContext(
                request: request, parameters: context.parameters,
                query: QueryParameters(request.uri, declared: declared(context.parameters)), principal: caller.principal
            )
            // The task of a connection is cancelled when its client goes away. That ends what is only read. A change
            // that has begun goes on to its end.
            do {
                let isOnlyRead = reads || method == .get
                return try await isOnlyRead ? handle(context) : Task { try await handle(context) }.value
            } catch {
                throw MissingName.guessed(in: error, for: context.principal, server.configuration)
            }
        }
    }

    /// Adds a route that is open to all.
    func open(_ path: String, _ answer: @escaping @Sendable () -> Response) {
        add(.get, path) { request, _ in
            _ = try QueryParameters(request.uri, declared: [])
            return answer()
        }
    }

    /// Adds a hot route: a `POST` that needs a token and answers on the event loop, unless its body `isLong`.
    func onEventLoop(
        _ path: String, _ server: ServerContext, limit: Int = Request.maximumBodyBytes,
        isLong: @escaping @Sendable (JSONValue) -> Bool = { _ in false },
        _ answer: @escaping @Sendable (JSONValue, Principal, HotReply) throws -> Void
    ) {
        hot.append(
            HotRoute(
                path: path, maximumBodyBytes: limit, series: server.metrics.series(of: path), isLong: isLong,
                answer: answer))
        note(.post, path)
    }

    private func add(
        _ method: HTTPRequest.Method, _ path: String,
        _ handle: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response
    ) {
        router.on(RouterPath(path), method: method, use: handle)
        note(method, path)
    }

    private func note(_ method: HTTPRequest.Method, _ path: String) {
        let methods = method == .get ? [method.rawValue, HTTPRequest.Method.head.rawValue] : [method.rawValue]
        if let index = paths.firstIndex(where: { $0.path == path }) {
            paths[index].methods += methods
        } else {
            paths.append(PathMethods(path: path, methods: methods))
        }
    }
}

/// The methods that a path has. The answer to a request with another method lists them.
struct PathMethods: Sendable {
    let path: String
    var methods: [String]

    func matches(_ requested: String) -> Bool {
        let wanted = requested.split(separator: "/")
        let parts = path.split(separator: "/")
        return wanted.count == parts.count && zip(wanted, parts).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
    }
}

extension Response {
    /// A response with the JSON object that `body` writes.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], capacity: Int = 512,
        _ body: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(capacity: capacity)
        writer.object(body)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    static func text(_ type: String, _ bytes: [UInt8]) -> Response {
        Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
