import JSON
import Testing

/// `PATCH /v1/teams/{team}` and `purser team set`.
@Suite("What is said of a team") struct TeamDetailsTests {
    @Test("is changed where it is named, taken away by null or an empty text, and stays otherwise")
    func change() async throws {
        let team = try await Team()
        func patch(_ body: String) async throws -> [String?] {
            let json = try await team.admin.json("PATCH", "/v1/teams/\(team.name)", body)
            return ["owner", "cost_center", "display_name", "unsettled"].map { json[$0]?.string }
        }
        #expect(
            try await patch(#"{"owner":"head of search","cost_center":"4711"}"#) == [
                "head of search", "4711", nil, nil,
            ])
        #expect(try await patch(#"{"display_name":"Search","owner":null}"#) == [nil, "4711", "Search", nil])
        #expect(try await patch("{}") == [nil, "4711", "Search", nil])
        let set = try await team.purser(["team", "set", team.name, "--owner", "lead", "--display-name", ""])
        set.expect(0, output: false)
        #expect(set.errors.contains("owner lead, cost centre 4711, display name not said"), "\(set.errors)")
        let listed = try await team.admin.json("GET", "/v1/teams").list("teams").first {
            $0["name"]?.string == team.name
        }
        #expect(listed?["owner"]?.string == "lead" && listed?["display_name"]?.isNull == true)
    }

    @Test(
        "is refused where it cannot be",
        arguments: [
            (#"{"cost_center":"two words"}"#, "/cost_center"), (#"{"owner":""}"#, "/owner"), (#"{"x":1}"#, "/x"),
        ])
    func refused(body: String, pointer: String) async throws {
        let team = try await Team()
        try await team.admin.send("PATCH", "/v1/teams/\(team.name)", body)
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test("is said by finance and admin alone", arguments: [("router", 403), ("team", 403), ("finance", 200)])
    func roles(role: String, status: Int) async throws {
        let team = try await Team()
        let reply = try await team.token(role).send("PATCH", "/v1/teams/\(team.name)", #"{"cost_center":"1"}"#)
        #expect(reply.status == status, "\(reply.text)")
    }
}
