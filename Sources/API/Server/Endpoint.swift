import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// One request with who sent it.
struct Inquiry: Sendable {
    let request: Request
    let parameters: Parameters
    let principal: Principal

    /// A path parameter, percent-decoded, that must be a name.
    func name(_ parameter: String) throws(Problem) -> String {
        guard let raw = parameters.get(parameter), let text = raw.removingPercentEncoding, Field.isName(text) else {
            throw Problem(.notFound, "The \(parameter) in the path must be \(Field.nameExpectation), percent-encoded.")
        }
        return text
    }
}

extension Router<BasicRequestContext> {
    /// Adds a route that needs a token.
    func on(
        _ method: HTTPRequest.Method, _ path: RouterPath, _ office: Office,
        _ handle: @escaping @Sendable (Inquiry) async throws -> Response
    ) {
        on(path, method: method) { request, context in
            let principal = try await office.access.principal(request.headers)
            return try await handle(Inquiry(request: request, parameters: context.parameters, principal: principal))
        }
    }
}

extension Response {
    /// A JSON answer.
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
