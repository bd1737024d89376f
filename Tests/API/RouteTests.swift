import Foundation
import JSON
import Testing

@Suite struct RouteTests {
    @Test(
        "what is no route is a problem, not an empty page",
        arguments: [
            "/", "/nope", "/v1", "/v2/authorize", "/v1/budgets/a/b", "/v1/authorize/x", "/v1/%2e%2e/x", "/V1/budgets",
        ])
    func unknown(path: String) async throws {
        let admin = try await PurserServer.shared.admin
        for method in ["GET", "POST", "DELETE"] {
            try await admin.send(method, path, method == "POST" ? "{}" : nil).expectProblem(404, "not_found")
        }
    }

    @Test(
        "another method on a route is told which it takes",
        arguments: [
            ("DELETE", "/v1/authorize", "POST"), ("GET", "/v1/settle", "POST"), ("POST", "/v1/budgets", "GET, HEAD"),
            ("POST", "/v1/budgets/x", "DELETE, GET, HEAD, PATCH, PUT"), ("POST", "/healthz", "GET, HEAD"),
            ("PUT", "/v1/usage", "GET, HEAD, POST"),
            ("OPTIONS", "/v1/authorize", "POST"), ("OPTIONS", "/metrics", "GET, HEAD"),
            ("PUT", "/v1/tokens/1", "DELETE"),
        ])
    func otherMethod(method: String, path: String, allowed: String) async throws {
        let reply = try await PurserServer.shared.admin.send(method, path)
        try reply.expectProblem(405, "method_not_allowed")
        #expect((reply.header("Allow") ?? "").split(separator: ", ").sorted().joined(separator: ", ") == allowed)
    }

    @Test("HEAD answers as GET does, without a body", arguments: ["/healthz", "/readyz", "/metrics", "/v1/budgets"])
    func head(path: String) async throws {
        let admin = try await PurserServer.shared.admin
        let reply = try await admin.send("HEAD", path)
        #expect(reply.status == 200 && reply.body.isEmpty)
        #expect(try await admin.with(token: nil).send("HEAD", path).status == (path == "/v1/budgets" ? 401 : 200))
    }

    @Test("a method nobody knows is refused")
    func strangeMethod() async throws {
        // The HTTP server refuses the unknown method before it looks for a route.
        #expect([400, 405].contains(try await PurserServer.shared.admin.send("BREW", "/v1/budgets").status))
    }

    @Test(
        "query parameters that cannot be read are refused by name",
        arguments: [
            ("/v1/reports/monthly?month=2026-13", "/month"), ("/v1/reports/monthly?month=october", "/month"),
            ("/v1/reports/monthly?format=pdf", "/format"), ("/v1/usage?limit=many", "/limit"),
            ("/v1/usage?limit=0", "/limit"), ("/v1/usage?after=x", "/after"), ("/v1/prices/resolve", "/model"),
        ])
    func query(path: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("GET", path).expectProblem(422, "invalid_fields", pointer: pointer)
    }
}
