import Foundation
import JSON
import Testing

@Suite("/v1/disputed") struct DisputedTests {
    /// Settles a call, and again with more output.
    private func dispute(_ team: Team) async throws -> (hold: String, other: String) {
        let hold = try await team.hold("r-1", more: #","feature":"f""#)
        let other = #"{"hold_id":"\#(hold)","usage":{"input_tokens":1200,"output_tokens":400}}"#
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        try await team.admin.send("POST", "/v1/settle", other).expectProblem(409, "idempotency_conflict")
        return (hold, other)
    }

    @Test("shows a team what was refused, and finance accepts it, once and for good")
    func accept() async throws {
        let team = try await Team()
        try await team.setBudget()
        let (own, finance) = (try await team.token("team"), try await team.token("finance"))
        let (_, refused) = try await dispute(team)
        let listed = try await own.json("GET", "/v1/disputed")
        #expect(listed["next"]?.isNull == true)
        let dispute = try #require(listed.list("disputed").first)
        dispute.expect([
            "number": .number, "recorded_at": .time, "team": .text, "id": .text, "source": .null, "provider": .text,
            "model": .text, "occurred_at": .time, "cost_usd": .money, "committed_entry_id": .text,
            "committed_cost_usd": .money, "state": .text, "decided_at": .null, "decided_by": .null, "reason": .null,
            "entry_id": .null,
        ])
        let number = try #require(dispute["number"]?.integer)
        let path = "/v1/disputed/\(number)"
        try await own.send("POST", "\(path)/accept", #"{"reason":"r"}"#).expectProblem(403, "forbidden")
        try await finance.send("POST", "\(path)/accept", "{}").expectProblem(422, "invalid_fields")
        let words = [
            "disputed", "accept", "\(number)", "--reason", "the first report lacked output", "--output", "json",
        ]
        for _ in 0..<2 {
            let command = try await Command.run(words, as: finance)
            #expect(command.exitCode == 0 && command.errors.contains("Dispute \(number) is accepted."))
            #expect(command.output.contains("the first report lacked output"))
        }
        try await finance.send("POST", "\(path)/dismiss", #"{"reason":"r"}"#).expectProblem(409, "dispute_decided")
        #expect(try await team.budget().money("spent_usd") == dispute.money("cost_usd"))
        let settled = try await team.admin.json("POST", "/v1/settle", refused)
        #expect(try await own.json("GET", path).text("entry_id") == settled.text("entry_id"))
        let kinds = try await own.json("GET", "/v1/usage").list("entries").map { try $0.text("kind") }
        #expect(kinds.sorted() == ["reversal", "usage", "usage"])
    }

    @Test("calls a team by its present name")
    func renamed() async throws {
        let team = try await Team()
        _ = try await dispute(team)
        let name = "\(team.name)-new"
        _ = try await team.admin.json("POST", "/v1/teams/\(team.name)/rename", #"{"name":"\#(name)"}"#)
        let listed = try await team.admin.json("GET", "/v1/disputed?team=\(name)").list("disputed")
        #expect(listed.map { $0["team"]?.string } == [name])
        let number = try #require(listed.first?["number"]?.integer)
        #expect(try await team.admin.json("GET", "/v1/disputed/\(number)").text("team") == name)
    }

    @Test("lists by month and state, and what is dismissed stays so")
    func dismiss() async throws {
        let team = try await Team()
        _ = try await dispute(team)
        let month = try await team.admin.json("GET", "/v1/status?team=\(team.name)").text("month")
        func count(_ query: String) async throws -> Int {
            try await team.admin.json("GET", "/v1/disputed?team=\(team.name)&\(query)").list("disputed").count
        }
        #expect(try await count("month=\(month)&state=open") == 1)
        #expect(try await count("month=2020-01") == 0)
        let number = try #require(
            try await team.admin.json("GET", "/v1/disputed?team=\(team.name)").list("disputed").first?["number"]?
                .integer)
        let command = try await Command.run(
            ["disputed", "dismiss", "\(number)", "--reason", "sent twice"], as: team.admin)
        #expect(command.errors.contains("Dispute \(number) is dismissed."))
        try await team.admin.send("POST", "/v1/disputed/\(number)/accept", #"{"reason":"r"}"#)
            .expectProblem(409, "dispute_decided")
        #expect(try await count("state=open") == 0)
        let list = try await Command.run(
            ["disputed", "list", "--team", team.name, "--state", "dismissed", "--output", "csv"], as: team.admin)
        #expect(list.output.contains("sent twice"))
    }

    @Test(
        "refuses what it does not understand",
        arguments: ["limit=0", "after=x", "month=2026", "state=closed", "from=2026-10-01"])
    func refused(query: String) async throws {
        let admin = try await PurserServer.shared.admin
        try await admin.send("GET", "/v1/disputed?\(query)").expectProblem(422, "invalid_fields")
    }
}
