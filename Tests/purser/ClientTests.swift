import Curl
import Testing

@testable import purser

@Suite struct ClientTests {
    private static let settings = try! ClientSettings(url: nil, token: "t")
    private static let withoutToken = try! ClientSettings(url: nil, token: nil)

    @Test("the parts of a path and the values of a query are percent-encoded")
    func routes() throws {
        let route = try Route("budgets", "team/sé arch?", "history").query("a", "1&2").query("b", nil).query("c", "x")
        #expect(route.text == "/v1/budgets/team%2Fs%C3%A9%20arch%3F/history?a=1%262&c=x")
    }

    @Test("a part that an HTTP client would resolve away is refused", arguments: ["", ".", ".."])
    func dotSegments(segment: String) {
        #expect(throws: CommandFailure.self) { try Route("budgets", segment) }
    }

    @Test("the server is on this machine unless PURSER_URL says otherwise")
    func settings() throws {
        #expect(try ClientSettings(url: nil, token: nil).baseURL == "http://127.0.0.1:8080")
        #expect(try ClientSettings(url: "", token: "").token == nil)
        #expect(
            try ClientSettings(url: "https://purser.example.com/x//", token: "t").baseURL
                == "https://purser.example.com/x")
    }

    @Test(
        "an address that is none, or has a secret in it, is wrong usage and is not repeated",
        arguments: [
            "ftp://x", "purser", "http://user:secret@x", "http://x?a=b", "http://x/ y", "http://", "http://x:99999",
            "http://[::1",
        ])
    func wrongURL(url: String) throws {
        let failure = try #require(throws: CommandFailure.self) { try ClientSettings(url: url, token: nil) }
        #expect(failure.kind == .usage)
        #expect(failure.description.contains("PURSER_URL") && !failure.description.contains("secret"))
    }

    @Test("a token with a line break is not sent")
    func wrongToken() throws {
        let failure = try #require(throws: CommandFailure.self) { try ClientSettings(url: nil, token: "tok\nX: y") }
        #expect(!failure.description.contains("tok\n"))
    }

    private func failure(_ body: String) -> CommandFailure {
        Problem(status: 422, body: Array(body.utf8), settings: Self.settings, retryAfterSeconds: nil).failure
    }

    @Test("each bad field is told once, any other problem by its detail alone")
    func problem() {
        let fields = failure(
            #"""
            {"code":"invalid_fields","detail":"/limit_usd must be text (and 1 more).","errors":
             [{"pointer":"/limit_usd","detail":"must be text"},{"pointer":"/period","detail":"is not known"}]}
            """#)
        #expect(fields.description == "/limit_usd must be text.\n  /period is not known.")
        #expect(fields.kind == .refused && fields.retryAfterSeconds == nil)
        let team = failure(
            #"{"code":"unknown_team","detail":"There is no team x.","errors":[{"pointer":"/team","detail":"is not known"}]}"#
        )
        #expect(team.description == "There is no team x.")
        let file = failure(
            #"{"code":"invalid_fields","detail":"Line 3 is wrong.","errors":[{"pointer":"","detail":"line 3 is wrong"}]}"#
        )
        #expect(file.description == "Line 3 is wrong.")
    }

    @Test("an answer that is no problem document is still told")
    func strangeAnswer() {
        let body = Array("<html>".utf8)
        let failure = Problem(status: 502, body: body, settings: Self.settings, retryAfterSeconds: 9).failure
        #expect(failure.description.contains("HTTP 502") && failure.retryAfterSeconds == nil)
        let moved = Problem(status: 301, body: [], settings: Self.settings, retryAfterSeconds: nil).failure
        #expect(moved.description.contains("PURSER_URL"))
    }

    @Test("what a proxy says to the other scheme is told with the setting that chooses it")
    func otherScheme() {
        let body = Array("The plain HTTP request was sent to HTTPS port".utf8)
        let refused = Problem(status: 400, body: body, settings: Self.settings, retryAfterSeconds: nil).failure
        #expect(refused.lines.last == "If the server speaks HTTPS, PURSER_URL must begin with https://.")
        let strange = CommandFailure(HTTPError(.notHTTP, "No."), from: Self.settings)
        #expect(strange.lines.contains("If the server speaks HTTPS, PURSER_URL must begin with https://."))
    }

    @Test("a missing token is named where one is needed")
    func missingToken() {
        let body = Array(#"{"detail":"A token is needed."}"#.utf8)
        let failure = Problem(status: 401, body: body, settings: Self.withoutToken, retryAfterSeconds: nil).failure
        #expect(failure.lines == ["A token is needed.", "PURSER_TOKEN is not set."])
    }

    @Test("a busy server may be asked again")
    func busy() {
        let body = Array(#"{"detail":"Busy."}"#.utf8)
        #expect(
            Problem(status: 503, body: body, settings: Self.settings, retryAfterSeconds: 7).failure.retryAfterSeconds
                == 7)
        #expect(
            Problem(status: 503, body: body, settings: Self.settings, retryAfterSeconds: nil).failure.retryAfterSeconds
                == 1)
    }

    @Test(
        "what keeps a request from its server is told from what it said",
        arguments: [
            (HTTPError.Kind.unreachable, CommandFailure.Kind.notReachable), (.timedOut, .notReachable),
            (.tls, .notReachable), (.handshake, .notReachable), (.notHTTP, .notReachable),
            (.refusedAddress, .notReachable),
            (.invalidRequest, .usage), (.failed, .refused),
        ])
    func transport(kind: HTTPError.Kind, expected: CommandFailure.Kind) {
        #expect(CommandFailure(HTTPError(kind, "No."), from: Self.settings).kind == expected)
    }
}
