import Foundation
import JSON
import Testing

/// `POST /v1/replays` where teams are renamed, usage is disputed, and calls are not settled.
@Suite("A replay beside other features") struct ReplayBesideTests {
    private static let feature = #","feature":"f""#

    private static func replay(
        _ team: Team, named name: String? = nil, limit: String, more: String = ""
    ) async throws -> JSONValue {
        try await team.token("team").json(
            "POST", "/v1/replays", body(name ?? team.name, id: team.budgetID, limit, more: more))
    }

    private static func body(_ team: String, id: String, _ limit: String, more: String = "") -> String {
        func day(_ later: Int) -> String {
            String(Date(timeIntervalSinceNow: Double(later) * 86_400).ISO8601Format().prefix(10))
        }
        return """
            {"budgets": [{"id": "\(id)", "scope": {"team": "\(team)"}, "period": "month", "limit_usd": "\(limit)"\(more)}],
                "from": "\(day(-1))", "to": "\(day(1))"}
            """
    }

    @Test("a renamed team tries its budgets under its new name")
    func renamed() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.02")
        let hold = try await team.hold("r-1", more: Self.feature)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try await team.authorize("r-2", more: Self.feature).text("verdict") == "deny")
        let name = "\(team.name)-new"
        _ = try await team.admin.json("POST", "/v1/teams/\(team.name)/rename", #"{"name":"\#(name)"}"#)
        try await Eventually.holds("the log lacks verdicts") {
            try await Self.replay(team, named: name, limit: "0.02")["denied"]?.integer == 1
        }
        let result = try await Self.replay(team, named: name, limit: "0.001")
        #expect(try result.list("days").map { $0["team"]?.string } == [name])
        #expect(try result.list("differences").map { $0["team"]?.string } == [name, name])
    }

    @Test("a budget of a team that is not known is refused")
    func unknownTeam() async throws {
        let admin = try await Team().admin
        try await admin.send("POST", "/v1/replays", Self.body("no-such-team", id: "b", "1"))
            .expectProblem(422, "unknown_team", pointer: "/budgets/0/scope/team")
    }

    @Test("accepted usage counts once, and so does a call that nobody settled, or that was settled late")
    func corrected() async throws {
        let team = try await Team()
        let charged = #","unsettled":"estimate""#
        try await team.setBudget(limit: "10", more: charged)
        let first = try await team.hold("r-1", more: Self.feature)
        let committed = try await team.admin.json("POST", "/v1/settle", Team.settlement(first)).text("entry_id")
        try await team.admin.send("POST", "/v1/settle", Team.settlement(first, outputTokens: 400))
            .expectProblem(409, "idempotency_conflict")
        let number = try #require(
            try await team.admin.json("GET", "/v1/disputed").list("disputed").first {
                $0["committed_entry_id"]?.string == committed
            }?["number"]?.integer)
        _ = try await team.admin.json("POST", "/v1/disputed/\(number)/accept", #"{"reason":"r"}"#)
        _ = try await team.hold("r-2", more: Self.feature + #","hold_seconds":1"#)
        let late = try await team.hold("r-3", more: Self.feature + #","hold_seconds":1"#)
        func expect(_ spent: Decimal) async throws {
            try await Eventually.holds("the budget has spent \(spent)") {
                try await team.budget().money("spent_usd") == spent
            }
            try await Eventually.holds("the replay has spent \(spent)") {
                let result = try await Self.replay(team, limit: "10", more: charged)
                return try result.money("actual_usd") == spent && result.money("spent_usd") == spent
            }
        }
        try await expect(0.048)
        // Only budgets that charge what nobody settled do so.
        #expect(try await Self.replay(team, limit: "10").money("saved_usd") == 0.032)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(late))
        try await expect(Decimal(string: "0.04575")!)
    }
}
