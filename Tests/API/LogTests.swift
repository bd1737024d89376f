import Foundation
import JSON
import Testing

/// What a server writes to its log, and how an answer is found there.
@Suite("A server's log") struct LogTests {
    private static func server(_ environment: [String: String]) async throws -> (PurserServer, OwnDatabase) {
        let own = try await OwnDatabase.migrated()
        let server = try await PurserServer(
            in: try ScratchDirectory(), database: own.connection, environment: environment)
        return (server, own)
    }

    @Test("is JSON where it is set so; it begins with what the server goes by, and has each refused request at debug")
    func json() async throws {
        let (server, own) = try await Self.server(["PURSER_LOG_FORMAT": "json", "PURSER_LOG_LEVEL": "debug"])
        defer { withExtendedLifetime(own) {} }
        var ids: [String] = []
        for (method, path) in [("POST", "/v1/authorize"), ("PUT", "/v1/budgets/b"), ("GET", "/v1/nothing")] {
            let answer = try await server.admin.send(method, path, method == "GET" ? nil : #"{"secret": "s3cret"}"#)
            ids.append(try #require(answer.header("x-request-id")))
        }
        let lines = try server.log.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        let start = try #require(lines.first { $0["message"]?.string == "Started" })
        for name in [
            "version", "database", "schema", "time_zone", "price_version", "price_book", "replica", "address", "time",
        ] {
            #expect(start.fields.contains { $0.name == name && $0.value.string?.isEmpty == false }, "\(name)")
        }
        let refused = lines.filter { $0["message"]?.string == "A request was refused" }
        #expect(try refused.map { try $0.text("request_id") } == ids)
        #expect(try refused.map { try $0.text("code") } == ["invalid_fields", "invalid_fields", "not_found"])
        #expect(!server.log.contains("s3cret") && !server.log.contains(PurserServer.adminToken))
    }

    @Test(
        "is found by the id of an answer: the client's where it can be used, else one of the server",
        arguments: ["/v1/authorize", "/v1/budgets/b", "/v1/nothing"])
    func requestIDs(path: String) async throws {
        let client = try await PurserServer.shared.admin
        func answer(_ headers: [String: String]) async throws -> (id: String, trace: String?) {
            let answer = try await client.send("PUT", path, "{}", headers: headers)
            return (try #require(answer.header("x-request-id")), answer.header("traceparent"))
        }
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let given = try await answer(["x-request-id": "call-7", "traceparent": trace])
        #expect(given.id == "call-7" && given.trace == trace)
        let own = try await answer([:])
        #expect(own.id.wholeMatch(of: /[0-9a-z]{6}-[0-9a-z]+/) != nil && own.trace == nil)
        for (id, trace) in [("two words", "00-0AF7-1-1"), (String(repeating: "x", count: 129), "junk")] {
            let other = try await answer(["x-request-id": id, "traceparent": trace])
            #expect(other.id != id && other.id != own.id && other.trace == nil)
        }
    }
}
