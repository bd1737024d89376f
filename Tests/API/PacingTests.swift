import Foundation
import JSON
import Testing

@Suite("A budget that is paced") struct PacedBudgetTests {
    private static func date(_ name: StaticString, _ budget: JSONValue) throws -> Date {
        try Date(try budget.text(name), strategy: .iso8601)
    }

    private static func number(_ money: Decimal) -> Double { NSDecimalNumber(decimal: money).doubleValue }

    @Test("answers what its plan allows by now, in its own unit, and other budgets do not") func plan() async throws {
        let team = try await Team()
        let before = Date()
        let budget = try await team.setBudget(more: #","pacing":true"#)
        let plan = try budget.money("plan_usd")
        let (start, end) = (try Self.date("window_start", budget), try Self.date("resets_at", budget))
        func planned(_ moment: Date) -> Double { 500 * moment.timeIntervalSince(start) / end.timeIntervalSince(start) }
        #expect(planned(before) - 0.01 <= Self.number(plan) && Self.number(plan) <= planned(Date()))
        let later = try await team.budget().money("plan_usd")
        #expect(later >= plan)
        let listed = try await team.admin.json("GET", "/v1/budgets?team=\(team.name)").list("budgets")
        #expect(try listed.map { try $0.money("plan_usd") >= later } == [true])
        let unpaced = try await team.admin.json("PATCH", team.budgetPath, #"{"pacing":false}"#)
        #expect(unpaced["plan_usd"] == nil)
        let tokens = try await team.admin.json(
            "PUT", "\(team.budgetPath)-tokens",
            #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_tokens":1000,"pacing":true}"#, status: 201)
        #expect(tokens["plan_tokens"]?.integer != nil && tokens["plan_usd"] == nil)
    }

    @Test("of a scope with a window for each value answers the plan of each value's window") func values() async throws
    {
        let team = try await Team()
        let budget = try await team.admin.json(
            "PUT", team.budgetPath,
            #"{"scope":{"team":"\#(team.name)","run":"*"},"period":"month","limit_usd":"5","pacing":true}"#, status: 201
        )
        #expect(budget["plan_usd"] == nil)
        let window = try await team.admin.json("GET", "\(team.budgetPath)/windows/agent-7")
        #expect(try window.money("plan_usd") >= 0)
    }

    @Test("sends calls down the ladder where spending is ahead of its plan, and explains it in a dry run")
    func downgrades() async throws {
        let team = try await Team()
        try await team.setLadderAndAlert()
        // More than the limit is spent, so it is ahead at any time of the month.
        try await team.setBudget(limit: "0.02", more: #","pacing":true,"enforcement":"soft""#)
        for id in ["a", "b"] {
            let hold = try await team.hold(id)
            _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        }
        let verdict = try await team.authorize("c", more: #","dry_run":true"#)
        #expect(verdict["verdict"]?.string == "downgrade" && verdict["hold_id"]?.isNull == true)
        #expect(verdict["model"]?.string == "claude-haiku-4-5")
        #expect(verdict["reason"]?["code"]?.string == "pacing")
        let message = try #require(verdict["reason"]?["message"]?.string)
        #expect(
            message.contains("of its $0.02 this month and is ") && message.contains("go to a lower model"), "\(message)"
        )
        let explained = try await team.purser([
            "explain", "--team", team.name, "--model", "claude-opus-4-5", "--input", "1200", "--max-output", "400",
        ])
        explained.expect(0, output: true)
        #expect(explained.output.contains("(pacing)"), "\(explained.output)")
    }
}
