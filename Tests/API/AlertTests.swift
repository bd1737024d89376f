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
