import Foundation
import JSON
import Testing

@Suite("GET /v1/unsettled") struct UnsettledTests {
    @Test("tells a team which of its calls nobody settled, by API and command, until they are settled after all")
    func list() async throws {
        let team = try await Team()
        let own = try await team.token("team")
        let hold = try await team.hold("r-1", more: #","feature":"f","hold_seconds":1"#)
        func listed(_ query: String = "") async throws -> JSONValue {
            try await own.json("GET", "/v1/unsettled\(query)")
        }
        try await Eventually.holds("the hold is listed") { try await listed().list("unsettled").count == 1 }
        let record = try #require(try await listed().list("unsettled").first)
        record.expect([
            "id": .text, "kind": .text, "recorded_at": .time, "team": .text, "feature": .text, "request_id": .text,
            "model": .text, "authorized_at": .time, "budget": .null, "worst_case_usd": .money,
            "estimated_entry_id": .null, "estimated_cost_usd": .null,
        ])
        #expect(try record.text("request_id") == "r-1")
        #expect(try record.money("worst_case_usd") == Decimal(string: "0.016"))
        #expect(try await listed()["next"]?.isNull == true)
        let next = try await listed("?limit=1").text("next")
        #expect(try await listed("?after=\(next)").list("unsettled").isEmpty)
        let command = try await Command.run(["unsettled", "list", "--team", team.name, "--output", "csv"], as: own)
        #expect(command.output.contains("r-1"))
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try await listed().list("unsettled").isEmpty)
    }

    @Test("tells what a call became that a team's setting charges, and its settlement in its place")
    func estimated() async throws {
        let team = try await Team()
        try await team.setBudget()
        for (setting, answer) in [("estimate", "unsettled estimate"), ("none", "unsettled not said")] {
            let set = try await Command.run(["team", "set", team.name, "--unsettled", setting], as: team.admin)
            #expect(set.exitCode == 0 && set.errors.contains(answer))
        }
        let changed = try await team.admin.json("PATCH", "/v1/teams/\(team.name)", #"{"unsettled":"input"}"#)
        changed.expect([
            "name": .text, "former_names": .list, "created_at": .time, "unsettled": .text, "owner": .orNull(.text),
            "cost_center": .orNull(.text), "display_name": .orNull(.text),
        ])
        let hold = try await team.hold("r-1", more: #","hold_seconds":1"#)
        func listed() async throws -> JSONValue? {
            try await team.admin.json("GET", "/v1/unsettled?team=\(team.name)").list("unsettled").first
        }
        try await Eventually.holds("the hold became an entry") {
            try await listed()?["estimated_entry_id"]?.string != nil
        }
        func kinds() async throws -> [String] {
            try await team.admin.json("GET", "/v1/usage?team=\(team.name)").list("entries").map { try $0.text("kind") }
        }
        #expect(try await kinds() == ["estimated"])
        // The input alone: 1,200 tokens at five dollars a million.
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.006"))
        let settled = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try await team.budget().money("spent_usd") == settled.money("cost_usd"))
        #expect(try await kinds().sorted() == ["estimated", "reversal", "usage"])
        let again = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try again.text("entry_id") == settled.text("entry_id"))
        try await team.admin.send("PATCH", "/v1/teams/\(team.name)", #"{"unsettled":"all"}"#)
            .expectProblem(422, "invalid_fields")
    }

    @Test("refuses what it does not understand", arguments: ["limit=0", "limit=1001", "after=x", "from=2026-10-01"])
    func refused(query: String) async throws {
        let admin = try await PurserServer.shared.admin
        try await admin.send("GET", "/v1/unsettled?\(query)").expectProblem(422, "invalid_fields")
    }
}
