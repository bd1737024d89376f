import Foundation
import JSON
import Testing

/// What a budget has left is limit − spent − held, wherever it is told.
@Suite struct RemainingTests {
    private struct Amounts: Equatable {
        let limit, spent, held, remaining: Decimal

        init(_ budget: JSONValue) throws {
            (limit, spent) = (try budget.money("limit_usd"), try budget.money("spent_usd"))
            (held, remaining) = (try budget.money("held_usd"), try budget.money("remaining_usd"))
        }
    }

    private static func authorized(_ team: Team, _ id: String, more: String = "") async throws -> Amounts {
        try Amounts(#require(try await team.authorize(id, more: more).list("budgets").first))
    }

    private static func listed(_ team: Team) async throws -> Amounts {
        try Amounts(#require(try await team.admin.json("GET", "/v1/budgets?team=\(team.name)").list("budgets").first))
    }

    /// Compares with the report, which knows no holds.
    private static func expectReport(of team: Team, toBe amounts: Amounts) async throws {
        let report = try await team.admin.json("GET", "/v1/reports/budgets?team=\(team.name)")
        let row = try #require(try report.list("rows").first)
        #expect(row["remaining_usd"] == nil)
        #expect(try row.money("spent_usd") == amounts.spent)
        #expect(try row.money("unspent_usd") == amounts.remaining + amounts.held)
    }

    @Test(
        "it is one figure in verdicts, the list and the budget, before and after a restart, and in the report without holds",
        arguments: ["500", "0.02"])
    func everywhere(limit: String) async throws {
        let directory = try ScratchDirectory()
        var server = try await PurserServer(in: directory)
        var team = try await Team(on: server)
        // A soft budget is overspent, and one that is hard holds.
        let enforcement = limit == "500" ? "hard" : "soft"
        try await team.setBudget(limit: limit, more: #","enforcement":"\#(enforcement)""#)
        // The window of a soft budget is opened beside its first call. A dry run waits for it.
        _ = try await team.authorize("r-0", more: #","dry_run":true"#)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        _ = try await team.authorize("r-2")
        let before = try await Self.authorized(team, "r-3")
        #expect(before.remaining == before.limit - before.spent - before.held && before.spent > 0)
        #expect((before.remaining < 0) == (limit != "500"))
        #expect(try await Self.listed(team) == before)
        #expect(try await Amounts(team.budget()) == before)
        try await Self.expectReport(of: team, toBe: before)

        server.process.signal(SIGTERM)
        #expect(try await server.process.ended(atMostSeconds: 60).exitCode == 0)
        server = try await PurserServer(in: directory)
        team = team.on(server)
        // No call has needed the budget since.
        let after = try await Self.listed(team)
        // What a soft budget counts as held is in the memory of a server alone: it takes no lease.
        if enforcement == "hard" { #expect(after == before) }
        #expect(after.remaining == after.limit - after.spent - after.held && after.spent == before.spent)
        #expect(try await Amounts(team.budget()) == after)
        #expect(try await Self.authorized(team, "r-4", more: #","dry_run":true"#) == after)
        try await Self.expectReport(of: team, toBe: after)
    }
}
