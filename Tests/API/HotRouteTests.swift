import Foundation
import JSON
import Synchronization
import Testing

/// What one connection guarantees for a mixture of requests. The server answers some of them at once, some after a
/// commit, and some in another part of the server.
@Suite struct HotRouteTests {
    /// Requests that the server answers at once, after a commit, or in another part of the server.
    private static func mixture(_ team: Team, _ hold: String) -> [(request: String, status: Int, field: String)] {
        [
            (RawConnection.post("/v1/settle", Team.settlement(hold)), 200, "entry_id"),
            (RawConnection.request("GET", "/healthz"), 200, "status"),
            (RawConnection.post("/v1/authorize", team.call("p-1")), 200, "verdict"),
            (RawConnection.request("GET", team.budgetPath), 200, "limit_usd"),
            (RawConnection.request("GET", "/nope"), 404, "code"),
            (RawConnection.post("/v1/settle", "{"), 400, "code"),
            (RawConnection.request("DELETE", "/v1/settle"), 405, "code"),
            (RawConnection.post("/v1/settle", Team.settlement(hold)), 200, "duplicate"),
            (RawConnection.post("/v1/void", #"{"hold_id":"\#(hold)"}"#), 409, "code"),
            (RawConnection.post("/v1/authorize", team.call("p-2")), 200, "verdict"),
        ]
    }

    @Test("requests that come together are answered in their order, whoever answers them")
    func order() async throws {
        let team = try await Team()
        try await team.setBudget()
        let requests = Self.mixture(team, try await team.hold("r-1"))
        // The reversed list sends every request a second time. Each repeat gets the same answer.
        for list in [requests, requests.reversed()] {
            let connection = try RawConnection(to: team.server.url)
            try connection.send(list.map(\.request).joined())
            let answers = try connection.receiveAnswers(list.count)
            #expect(answers.map(\.status) == list.map(\.status))
            for (answer, expected) in zip(answers, list) {
                #expect(try answer.json.fields.map(\.name).contains(expected.field), "\(expected.request)")
            }
        }
    }

    @Test("a client that has closed its side gets every answer it has asked for")
    func halfClosed() async throws {
        let team = try await Team()
        try await team.setBudget()
        // The last answer waits for a commit.
        let settle = RawConnection.post("/v1/settle", Team.settlement(try await team.hold("r-2")))
        let requests = Self.mixture(team, try await team.hold("r-1")) + [(settle, 200, "entry_id")]
        let connection = try RawConnection(to: team.server.url)
        try connection.send(requests.map(\.request).joined())
        connection.closeOutput()
        #expect(try connection.receiveAnswersToEnd().map(\.status) == requests.map(\.status))
    }

    @Test("what is no HTTP behind a request is refused after that was answered")
    func garbage() async throws {
        let team = try await Team()
        try await team.setBudget()
        let settle = RawConnection.post("/v1/settle", Team.settlement(try await team.hold("r-1")))
        let connection = try RawConnection(to: team.server.url)
        try connection.send(settle + "no request\r\n\r\n")
        #expect(try connection.receiveAnswersToEnd().map(\.status) == [200, 400])
    }

    @Test("a request in many units is one", arguments: [false, true])
    func units(isChunked: Bool) async throws {
        let team = try await Team()
        try await team.setBudget()
        let call = team.call("r-1")
        let request =
            isChunked
            ? RawConnection.post("/v1/authorize", "", headers: ["Transfer-Encoding: chunked"])
                .replacing("Content-Length: 0\r\n", with: "")
                + call.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
            : RawConnection.post("/v1/authorize", call)
        let connection = try RawConnection(to: team.server.url)
        for piece in Array(request.utf8).chunks(of: 7) {
            try connection.send(String(decoding: piece, as: UTF8.self))
            try await Task.sleep(for: .milliseconds(1))
        }
        let answer = try #require(try connection.receiveAnswers(1).first)
        #expect(try answer.status == 200 && answer.json.text("verdict") == "admit")
    }

    @Test("a body over the limit is refused, and the next request on the connection answered")
    func tooLarge() async throws {
        let team = try await Team()
        let connection = try RawConnection(to: team.server.url)
        try connection.send(RawConnection.post("/v1/authorize", String(repeating: " ", count: (8 << 20) + 1)))
        try connection.send(RawConnection.post("/v1/authorize", team.call("r-1")))
        #expect(try connection.receiveAnswers(2).map(\.status) == [413, 200])
    }

    @Test("long bodies are read as short ones are", arguments: [60_000, 70_000, 8 << 20])
    func longBody(bytes: Int) async throws {
        let team = try await Team()
        let call = team.call("r-1")
        let connection = try RawConnection(to: team.server.url)
        let long = call + String(repeating: " ", count: bytes - call.utf8.count)
        try connection.send(RawConnection.post("/v1/authorize", long) + RawConnection.request("GET", "/healthz"))
        #expect(try connection.receiveAnswers(2).map(\.status) == [200, 200])
    }

    @Test(
        "a client that wants the connection closed is told so and sees it closed",
        arguments: ["Connection: close", "HTTP/1.0"])
    func closes(wish: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        let calls = [("/v1/authorize", team.call("r-2")), ("/v1/settle", Team.settlement(try await team.hold("r-1")))]
        for (path, body) in calls {
            let request =
                wish == "HTTP/1.0"
                ? RawConnection.post(path, body).replacing("HTTP/1.1", with: wish)
                : RawConnection.post(path, body, headers: [wish])
            let connection = try RawConnection(to: team.server.url)
            try connection.send(request)
            let answers = try connection.receiveAnswersToEnd()
            #expect(answers.map(\.status) == [200] && answers.map(\.isLast) == [true])
        }
    }

    @Test("a connection stays open after an answer, also of a problem")
    func staysOpen() async throws {
        let team = try await Team()
        let connection = try RawConnection(to: team.server.url)
        for _ in 0..<3 {
            try connection.send(RawConnection.post("/v1/authorize", team.call("r-1")))
            try connection.send(RawConnection.post("/v1/settle", "[]"))
            let answers = try connection.receiveAnswers(2)
            #expect(answers.map(\.status) == [200, 422] && answers.map(\.isLast) == [false, false])
        }
    }

    @Test(
        "a path may be written as elsewhere",
        arguments: ["/v1/authorize/", "/v1/authorize?", "//v1/authorize", "http://purser/v1/authorize"])
    func spelling(path: String) async throws {
        let team = try await Team()
        let connection = try RawConnection(to: team.server.url)
        try connection.send(RawConnection.post(path, team.call("r-1")))
        #expect(try connection.receiveAnswers(1).map(\.status) == [200])
    }

    @Test("each request of a connection is its own sender's, and a token counts until it is revoked")
    func senders() async throws {
        let team = try await Team()
        let admin = team.admin
        let made = try await admin.json("POST", "/v1/tokens", #"{"role":"router"}"#, status: 201)
        let reader = try await admin.json("POST", "/v1/tokens", #"{"role":"finance"}"#, status: 201)
        let connection = try RawConnection(to: team.server.url)
        func statuses(_ tokens: [String]) throws -> [Int] {
            let call = RawConnection.post("/v1/authorize", team.call("r-1"))
            let requests = tokens.map { call.replacing(PurserServer.adminToken, with: $0) }
            try connection.send(requests.joined())
            return try connection.receiveAnswers(tokens.count).map(\.status)
        }
        let (token, finance) = (try made.text("token"), try reader.text("token"))
        let almost = token.dropLast() + (token.hasSuffix("A") ? "B" : "A")
        let mixed = [token, finance, token, "nobody", token, String(almost)]
        #expect(try statuses(mixed) == [200, 403, 200, 401, 200, 401])
        #expect(try await admin.send("DELETE", "/v1/tokens/\(made.text("id"))").status == 204)
        #expect(try statuses([token, finance, PurserServer.adminToken]) == [401, 403, 200])
    }

    @Test("who does not read answers is not read any further, and gets them all once they are read")
    func backpressure() async throws {
        let team = try await Team()
        let connection = try RawConnection(to: team.server.url, receiveBytes: 4096)
        // In both directions this is more data than the kernel buffers for a connection.
        let call = team.call("r-1", more: #","dry_run":true"#) + String(repeating: " ", count: 2000)
        let batch = String(repeating: RawConnection.post("/v1/authorize", call), count: 50)
        let (batches, sent) = (300, Counter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run {
                    for _ in 0..<batches {
                        try connection.send(batch)
                        sent.count.add(1, ordering: .relaxed)
                    }
                }
            }
            var last = -1
            while sent.count.load(ordering: .relaxed) != last {
                last = sent.count.load(ordering: .relaxed)
                try await Task.sleep(for: .seconds(1))
            }
            #expect(last < batches, "all was read")
            let answers = try await OwnThread.run { try connection.receiveAnswers(batches * 50) }
            #expect(answers.count == batches * 50 && answers.allSatisfy { $0.status == 200 })
            try await group.waitForAll()
        }
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

private final class Counter: Sendable {
    let count = Atomic(0)
}
