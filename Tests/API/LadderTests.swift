import Foundation
import JSON
import Testing

@Suite struct LadderTests {
    private static let fields: [String: Shape] = [
        "team": .text, "feature": .orNull(.text), "models": .list, "floor": .orNull(.text),
    ]

    @Test("a ladder of a team or a feature is set, read, listed and removed", arguments: ["", "/autocomplete"])
    func lifeCycle(feature: String) async throws {
        let team = try await Team()
        let path = "/v1/ladders/\(team.name)\(feature)"
        let body = #"{"models":["claude-opus-4-5","claude-sonnet-4-5","claude-haiku-4-5"],"floor":"claude-sonnet-4-5"}"#
        let set = try await team.admin.json("PUT", path, body)
        set.expect(Self.fields)
        #expect(try set.text("floor") == "claude-sonnet-4-5" && set.list("models").count == 3)
        #expect(try await team.admin.json("GET", path).source == set.source)
        let list = try await team.admin.json("GET", "/v1/ladders?team=\(team.name)").list("ladders")
        #expect(list.map(\.source) == [set.source])
        _ = try await team.admin.json("PUT", path, #"{"models":["openai/gpt-4o"]}"#)
        #expect(try await team.admin.json("GET", path)["floor"]?.isNull == true)
        #expect(try await team.admin.send("DELETE", path).status == 204)
        try await team.admin.send("GET", path).expectProblem(404, "not_found")
        try await team.admin.send("DELETE", path).expectProblem(404, "not_found")
    }

    @Test(
        "a ladder that could not carry anybody is refused",
        arguments: [
            ("/models", "{}"), ("/models", #"{"models":[]}"#), ("/models", #"{"models":"a"}"#),
            ("/models", #"{"models":["claude-opus-4-5","claude-opus-4-5"]}"#), ("/models", #"{"models":[5]}"#),
            ("/models/1", #"{"models":["claude-opus-4-5","no-such-model"]}"#),
            ("/models/0", #"{"models":["gpt-oss-120b"]}"#),
            ("/floor", #"{"models":["claude-opus-4-5"],"floor":"gpt-4o"}"#),
            ("/floor", #"{"models":["claude-opus-4-5"],"floor":5}"#), ("/x", #"{"models":["claude-opus-4-5"],"x":1}"#),
        ])
    func bad(pointer: String, body: String) async throws {
        let team = try await Team()
        try await team.admin.send("PUT", "/v1/ladders/\(team.name)", body)
            .expectProblem(422, "invalid_fields", pointer: pointer)
        #expect(try await team.admin.json("GET", "/v1/ladders?team=\(team.name)").list("ladders").isEmpty)
    }

    @Test("a ladder of no team is not made")
    func unknownTeam() async throws {
        try await PurserServer.shared.admin.send("PUT", "/v1/ladders/no-such-team", #"{"models":["claude-opus-4-5"]}"#)
            .expectProblem(422, "unknown_team", pointer: "/team")
    }
}
