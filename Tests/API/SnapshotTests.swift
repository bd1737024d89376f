import Foundation
import JSON
import Testing

@Suite struct SnapshotTests {
    private static let snapshot = "claude-opus-4-5-20251101"

    @Test("a snapshot that the router reports charges the budget and the agreement of its model, and is no downgrade")
    func reported() async throws {
        let team = try await Team()
        let budget = "/v1/budgets/opus-of-\(team.name)"
        _ = try await team.admin.json(
            "PUT", budget,
            #"{"scope":{"team":"\#(team.name)","model":"claude-opus-4-5"},"period":"month","limit_usd":"500"}"#,
            status: 201)
        let agreement = """
            {"team": "\(team.name)", "provider": "anthropic", "model": "claude-opus-4-5", "discount": 0.2, \
            "valid_from": "2026-01-01T00:00:00Z"}
            """
        _ = try await team.admin.json("PUT", "/v1/agreements/opus-of-\(team.name)", agreement, status: 201)
        let hold = try await team.hold("r-1")
        let answer = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(hold, more: #","model":"\#(Self.snapshot)""#))
        #expect(try answer.text("model") == Self.snapshot)
        #expect(try answer.money("cost_usd") == Decimal(string: "0.011"))
        #expect(try await team.admin.json("GET", budget).money("spent_usd") == Decimal(string: "0.011"))
        let report = try await team.admin.json("GET", "/v1/reports/verdicts?team=\(team.name)")
        for row in try report.list("rows") {
            #expect(row["settled_downgrades"]?.integer == 0)
            #expect(try row.money("saved_usd") == 0)
        }
        // A budget that is made later finds the same calls.
        let late = try await team.admin.json(
            "PUT", "/v1/budgets/late-\(team.name)",
            #"{"scope":{"team":"\#(team.name)","model":"claude-opus-4-5"},"period":"month","limit_usd":"500"}"#,
            status: 201)
        #expect(try late.money("spent_usd") == Decimal(string: "0.011"))
    }

    @Test("what a verdict downgraded is a downgrade, whatever the router reports; another model that served is none")
    func downgrades() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.014", more: #","downgrade_at":0.5"#)
        _ = try await team.admin.json(
            "PUT", "/v1/ladders/\(team.name)", #"{"models":["claude-opus-4-5","claude-haiku-4-5"]}"#)
        let verdict = try await team.authorize("d-1")
        #expect(try verdict.text("verdict") == "downgrade")
        let hold = try verdict.text("hold_id")
        _ = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(hold, more: #","model":"claude-haiku-4-5-20251001""#))
        // The verdict admits this one, and the router falls back by itself.
        let asked = try await team.authorize("d-2", model: "claude-haiku-4-5")
        #expect(try asked.text("verdict") == "admit")
        _ = try await team.admin.json(
            "POST", "/v1/settle",
            Team.settlement(try asked.text("hold_id"), more: #","model":"claude-sonnet-4-5""#))
        let rows = try await team.admin.json("GET", "/v1/reports/verdicts?team=\(team.name)").list("rows")
        #expect(rows.compactMap { $0["settled_downgrades"]?.integer }.reduce(0, +) == 1)
        // Opus would have cost 0.01375 USD, haiku cost 0.00275 USD.
        #expect(try rows.map { try $0.money("saved_usd") }.reduce(0, +) == Decimal(string: "0.011"))
    }
}
