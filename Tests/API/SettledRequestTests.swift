import JSON
import Testing

@Suite("A request_id that has its entry") struct SettledRequestTests {
    @Test("is denied with request_settled and no budget, in a dry run too, and counted; a new one is admitted")
    func denied() async throws {
        let team = try await Team()
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(try await team.hold("r-1")))
        for more in ["", #","dry_run":true"#, #","wait_ms":1000"#] {
            let verdict = try await team.authorize("r-1", more: more)
            #expect(try verdict.text("verdict") == "deny")
            #expect(verdict["hold_id"]?.isNull == true)
            let reason = try #require(verdict["reason"])
            #expect(try reason.text("code") == "request_settled")
            #expect(reason["budget"]?.isNull == true)
            #expect(
                try reason.text("message") == "r-1 has its entry already; a new call takes another request_id.")
        }
        #expect(try await team.authorize("r-2").text("verdict") == "admit")
        #expect(try await team.admin.send("GET", "/metrics").text.contains(#"reason="request_settled"}"#))
    }

    @Test("is another team's to use, and so is the id of a usage event")
    func others() async throws {
        let (team, other) = (try await Team(), try await Team())
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(try await team.hold("r-1")))
        #expect(try await other.authorize("r-1").text("verdict") == "admit")
        _ = try await team.admin.json(
            "POST", "/v1/usage",
            #"{"events":[{"id":"e-1","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"input_tokens":1}}]}"#)
        #expect(try await team.authorize("e-1").text("verdict") == "admit")
    }
}
