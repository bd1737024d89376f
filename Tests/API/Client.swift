import Curl
import Foundation
import JSON
import Testing

/// A client of a server, with or without an access token.
struct Client: Sendable {
    let url: String
    var token: String?

    private static let http = HTTPClient(userAgent: "purser-tests", maxThreads: 8)

    func with(token: String?) -> Client { Client(url: url, token: token) }

    func send(
        _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, type: type, headers: headers)
    }

    func send(
        _ method: String, _ path: String, bytes: [UInt8]?, type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Reply {
        var lines = headers.map { (name: $0.key, value: $0.value) }
        if let token { lines.append(("Authorization", "Bearer \(token)")) }
        if bytes != nil { lines.append(("Content-Type", type)) }
        let response = try await Self.http.send(
            HTTPRequest(
                method: method, url: url + path, headers: lines, body: bytes ?? [], timeoutSeconds: 120,
                maxResponseBytes: 64 << 20))
        return Reply(status: response.status, body: response.body, headers: response.headers)
    }

    /// Sends a request, expects the answer to have `status`, and returns its JSON.
    func json(
        _ method: String, _ path: String, _ body: String? = nil, status: Int = 200,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let reply = try await send(method, path, body)
        try #require(reply.status == status, "\(method) \(path): \(reply.text)", sourceLocation: sourceLocation)
        #expect(reply.header("Content-Type") == "application/json", sourceLocation: sourceLocation)
        return try reply.json
    }
}

/// The answer of a server.
struct Reply: Sendable {
    let status: Int
    let body: [UInt8]
    let headers: [(name: String, value: String)]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { get throws { try JSONDocument(body).root } }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Expects well-formed problem details that reveal nothing internal of the server.
    func expectProblem(
        _ expectedStatus: Int, _ code: String, pointer: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try #require(status == expectedStatus, "\(text)", sourceLocation: sourceLocation)
        #expect(header("Content-Type") == "application/problem+json", sourceLocation: sourceLocation)
        let problem = try json
        problem.expect(
            ["type": .text, "title": .text, "status": .integer, "detail": .text, "code": .text],
            optional: ["errors": .list, "entry": .object, "month": .text, "checks": .list],
            sourceLocation: sourceLocation)
        #expect(problem["status"]?.integer == Int64(expectedStatus), sourceLocation: sourceLocation)
        #expect(problem["code"]?.string == code, "\(text)", sourceLocation: sourceLocation)
        let pointers = problem["errors"].map { $0.elements.compactMap { $0["pointer"]?.string } } ?? []
        if let pointer { #expect(pointers.contains(pointer), "\(text)", sourceLocation: sourceLocation) }
        for secret in ["SELECT", "INSERT", "postgres", "127.0.0.1", ".swift", "Optional("] {
            #expect(!text.contains(secret), "\(text)", sourceLocation: sourceLocation)
        }
    }
}
