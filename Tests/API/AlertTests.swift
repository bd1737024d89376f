import Foundation
import JSON
import Testing

@Suite struct AlertTests {
    @Test("an alert is set, listed, tried, moved and removed; its secret is shown when it is made")
    func lifeCycle() async throws {
        let team = try await Team()
        let path = "/v1/alerts/oncall-\(team.name)"
        let body = { (port: Int) in #"{"team":"\#(team.name)","webhook":"http://127.0.0.1:\#(port)/hook"}"# }
        let made = try await team.admin.json("PUT", path, body(9), status: 201)
        made.expect(["name": .text, "team": .text, "webhook": .text, "secret": .text])
        let moved = try await team.admin.json("PUT", path, body(19))
        moved.expect(["name": .text, "team": .text, "webhook": .text, "secret": .null])
        #expect(try moved.text("webhook") == "http://127.0.0.1:19/hook")

        let list = try await team.admin.json("GET", "/v1/alerts?team=\(team.name)")
        let listed = try #require(try list.list("alerts").first)
        listed.expect(["name": .text, "team": .text, "webhook": .text, "created_at": .time])
        #expect(!list.source.contains("whsec"))

        let test = try await team.admin.json("POST", "\(path)/test")
        test.expect(["delivered": .flag, "detail": .text])
        #expect(test["delivered"]?.bool == false)
        #expect(try await team.admin.send("DELETE", path).status == 204)
        for (method, place) in [("DELETE", path), ("POST", "\(path)/test")] {
            try await team.admin.send(method, place).expectProblem(404, "not_found")
        }
    }

    @Test("an alert of one team cannot be taken over by another")
    func otherTeam() async throws {
        let (team, other) = (try await Team(), try await Team())
        let path = "/v1/alerts/mine-\(team.name)"
        _ = try await team.admin.json(
            "PUT", path, #"{"team":"\#(team.name)","webhook":"http://127.0.0.1:9/"}"#, status: 201)
        try await other.token("team").send("PUT", path, #"{"team":"\#(other.name)","webhook":"http://127.0.0.1:19/"}"#)
            .expectProblem(422, "invalid_fields", pointer: "/team")
    }

    @Test(
        "an alert without a team is for finance and admin alone, and is shown without one",
        arguments: ["finance", "admin"])
    func shared(role: String) async throws {
        let team = try await Team()
        let (path, body) = ("/v1/alerts/shared-\(team.name)", #"{"webhook":"http://127.0.0.1:9/"}"#)
        for other in ["team", "router"] {
            try await team.token(other).send("PUT", path, body).expectProblem(403, "forbidden")
        }
        let keeper = try await team.token(role)
        let made = try await keeper.json("PUT", path, body, status: 201)
        made.expect(["name": .text, "team": .null, "webhook": .text, "secret": .text])
        let list = try await keeper.json("GET", "/v1/alerts").list("alerts")
        #expect(list.contains { $0["name"]?.string == "shared-\(team.name)" && $0["team"]?.kind == .null })
        // A team sees and changes its own alerts alone.
        let own = try await team.token("team")
        #expect(try await own.json("GET", "/v1/alerts").list("alerts").isEmpty)
        try await own.send("DELETE", path).expectProblem(403, "forbidden")
        try await own.send("POST", "\(path)/test").expectProblem(403, "forbidden")
        #expect(try await keeper.json("POST", "\(path)/test")["delivered"]?.bool == false)
        #expect(try await keeper.send("DELETE", path).status == 204)
    }

    @Test("a server refuses private receivers unless it is set to allow them")
    func privateReceivers() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(
            in: try ScratchDirectory(), database: database.connection,
            environment: ["PURSER_ALERTS_ALLOW_PRIVATE": "false"])
        let team = try await Team(on: server)
        for host in ["192.168.0.1:9", "10.0.0.1", "[::1]", "localhost"] {
            let refusal = try await team.admin.send(
                "PUT", "/v1/alerts/a", #"{"team":"\#(team.name)","webhook":"http://\#(host)/hook"}"#)
            try refusal.expectProblem(422, "invalid_fields", pointer: "/webhook")
            #expect(refusal.text.contains("PURSER_ALERTS_ALLOW_PRIVATE"))
        }
        // One that was stored when it was allowed is not called any more.
        let path = "/v1/alerts/b"
        _ = try await team.admin.json(
            "PUT", path, #"{"team":"\#(team.name)","webhook":"https://hooks.example.com/"}"#, status: 201)
        try await database.execute("UPDATE alert_channel SET url = 'http://127.0.0.1:9/'")
        let detail = try await team.admin.json("POST", "\(path)/test").text("detail")
        #expect(detail.hasPrefix("http://127.0.0.1:9 is not a public address; no connection is made to others."))
    }

    @Test(
        "an address that is none is refused",
        arguments: [
            ("/webhook", #"5"#), ("/webhook", #""ftp://example.com/""#), ("/webhook", #""file:///etc/passwd""#),
            ("/webhook", #""http://a b/""#), ("/webhook", #""javascript:alert(1)""#), ("/webhook", "null"),
            ("/webhook", #""https://""#), ("/webhook", #""http://user:secret@example.com/""#),
        ])
    func badAddress(pointer: String, value: String) async throws {
        let team = try await Team()
        try await team.admin.send(
            "PUT", "/v1/alerts/bad-\(team.name)", #"{"team":"\#(team.name)","webhook":\#(value)}"#
        )
        .expectProblem(422, "invalid_fields", pointer: pointer)
        #expect(try await team.admin.json("GET", "/v1/alerts?team=\(team.name)").list("alerts").isEmpty)
    }
}
