import Foundation
import JSON
import Testing

/// What the server does with bytes, before it knows what they ask for. Routes that answer on the event loop and routes
/// behind Hummingbird are told apart by nothing.
@Suite struct DoorTests {
    /// One route of each kind. Both take an object of up to 8 MiB by POST.
    private static let routes = ["/v1/settle", "/v1/quote/"].map { path in
        path.padding(toLength: RawBytes.pathLength, withPad: "/", startingAt: 0)
    }

    @Test("both kinds of route give the same answer to the same bytes", arguments: RawBytes.table)
    func table(_ bytes: RawBytes) async throws {
        let server = try await PurserServer.shared
        for path in Self.routes {
            let connection = try RawConnection(to: server.url)
            try connection.send(bytes.text.replacing("PATH", with: path))
            // Where the connection stays open, the next request on it has its answer.
            if !bytes.closes {
                try connection.send(RawConnection.request("GET", "/healthz", headers: ["Connection: close"]))
            }
            let answers = try connection.receiveAnswersToEnd()
            #expect(answers.map(\.status) == bytes.statuses + (bytes.closes ? [] : [200]), "\(path)")
            let last = try #require(answers.dropLast(bytes.closes ? 0 : 1).last)
            #expect(last.code == bytes.code && last.head.contains("application/problem+json"), "\(path)")
            let detail = try last.json.text("detail")
            #expect(detail.hasSuffix(".") || detail.hasSuffix(")."), "\(detail)")
        }
    }

    @Test("the table is as long as it is meant to be")
    func isLong() { #expect(RawBytes.table.count >= 150) }

    @Test("a client that breaks off within a body is told, and its request not done", arguments: Self.routes)
    func brokenOff(path: String) async throws {
        let server = try await PurserServer.shared
        let whole = RawConnection.post(path, RawBytes.object)
        for missing in [1, RawBytes.object.count] {
            let connection = try RawConnection(to: server.url)
            try connection.send(String(whole.dropLast(missing)))
            connection.closeOutput()
            let answers = try connection.receiveAnswersToEnd()
            #expect(answers.map(\.status) == [400] && answers.first?.isLast == true)
        }
    }

    @Test("a client that asks before it sends a body is told to go on", arguments: Self.routes)
    func continues(path: String) async throws {
        let server = try await PurserServer.shared
        let connection = try RawConnection(to: server.url)
        for _ in 0..<2 {
            let request = RawConnection.post(path, RawBytes.object, headers: ["Expect: 100-continue"])
            try connection.send(String(request.dropLast(RawBytes.object.count)))
            #expect(try connection.receiveAnswers(1).map(\.status) == [100])
            try connection.send(RawBytes.object)
            let answers = try connection.receiveAnswers(1)
            #expect(answers.map(\.status) == [422] && answers.first?.isLast == false)
        }
    }

    @Test(
        "a client that asks before it sends a body that is not wanted gets the answer alone, and sends nothing",
        arguments: routes, [("token", 401), ("size", 413)])
    func doesNotContinue(path: String, reason: (name: String, status: Int)) async throws {
        let server = try await PurserServer.shared
        var request = RawConnection.request("POST", path, headers: ["Expect: 100-continue"])
        request.replace("Content-Length: 0", with: "Content-Length: \((8 << 20) + (reason.name == "size" ? 1 : 0))")
        if reason.name == "token" { request.replace(PurserServer.adminToken, with: "x") }
        let connection = try RawConnection(to: server.url)
        try connection.send(request)
        let answers = try connection.receiveAnswersToEnd()
        #expect(answers.map(\.status) == [reason.status] && answers.first?.isLast == true)
    }

    @Test("HTTP/1.0 knows nothing to go on", arguments: Self.routes)
    func noContinueInHTTP10(path: String) async throws {
        let server = try await PurserServer.shared
        let connection = try RawConnection(to: server.url)
        let request = RawConnection.post(path, RawBytes.object, headers: ["Expect: 100-continue"])
        try connection.send(request.replacing("HTTP/1.1", with: "HTTP/1.0"))
        #expect(try connection.receiveAnswersToEnd().map(\.status) == [422])
    }

    @Test(
        "an answer to HEAD has no body, so the next answer is where a client looks for it",
        arguments: ["/healthz", "/v1/settle", "/v1/budgets", "/nope"])
    func head(path: String) async throws {
        let server = try await PurserServer.shared
        let connection = try RawConnection(to: server.url)
        try connection.send(
            RawConnection.request("HEAD", path) + RawConnection.request("HEAD", path, headers: ["Connection: close"]))
        let answers = try connection.receiveToEnd().components(separatedBy: "\r\n\r\n")
        #expect(answers.count == 3 && answers.last == "" && answers.dropLast().allSatisfy { $0.hasPrefix("HTTP/1.1 ") })
    }
}
