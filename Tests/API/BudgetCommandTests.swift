import Foundation
import JSON
import Testing

/// `purser budget set` on a budget that is there already.
@Suite struct BudgetCommandTests {
    private let team: Team
    private var set: [String] { ["budget", "set", team.budgetID, "--team", team.name, "--limit"] }

    init() async throws {
        team = try await Team()
        try await team.setLadderAndAlert()
        try await team.purser(
            set + ["500", "--soft", "--alert-at", "20%,50%,100%", "--downgrade-at", "80%", "--unpriced", "admit"]
        ).expect(0, output: true, errors: false)
    }

    @Test("what was set is not dropped in silence")
    func dropped() async throws {
        let refused = try await team.purser(set + ["600"])
        refused.expect(1, output: false)
        #expect(
            refused.errors == """
                Error: \(team.budgetID) is soft, admits calls without a price, downgrades at 80% and alerts at 20%, \
                50% and 100%; say --soft, --unpriced, --downgrade-at and --alert-at again to keep that, or --replace to \
                drop it.

                """)
        #expect(try await team.budget().money("limit_usd") == 500)
        let some = try await team.purser(
            set + ["600", "--hard", "--unpriced", "deny", "--downgrade-at", "90%"])
        some.expect(1, output: false)
        #expect(
            some.errors == """
                Error: \(team.budgetID) alerts at 20%, 50% and 100%; say --alert-at again to keep that, or --replace \
                to drop it.

                """)
    }

    @Test("a change is told as what was and what is")
    func change() async throws {
        let replaced = try await team.purser(set + ["600.5", "--replace"])
        replaced.expect(0, output: true)
        #expect(
            replaced.errors == """
                \(team.budgetID): limit $500 → $600.50; enforcement soft → hard; unpriced admit → deny; \
                downgrade 80% → none; alerts 20%, 50%, 100% → none
                Spent $0 of $600.50, 0%.

                """)
        let budget = try await team.budget()
        #expect(budget["enforcement"]?.string == "hard" && budget["alert_at"]?.source == "[]")
        try await team.purser(set + ["600.5"]).expect(0, output: true, errors: false)
    }

    @Test("a team's own token makes and changes its budgets")
    func ownToken() async throws {
        let own = try await team.token("team")
        let id = "own-\(team.name)"
        let arguments = ["budget", "set", id, "--team", team.name, "--limit-calls"]
        try await team.purser(arguments + ["5"], as: own).expect(0, output: true, errors: false)
        let changed = try await team.purser(arguments + ["6", "--yes"], as: own)
        changed.expect(0, output: true)
        #expect(changed.errors == "\(id): limit 5 calls → 6 calls\nSpent 0 calls of 6 calls, 0%.\n")
    }

    @Test("the history says what each version changed, and who by number and name")
    func history() async throws {
        let made = try await team.purser("token", "create", "--role", "admin", "--name", "finance-bot")
        made.expect(0, output: true)
        let bot = team.admin.with(token: String(try #require(made.lines.first)))
        try await team.purser(set + ["600", "--replace", "--alert-at", "80%"], as: bot).expect(0, output: true)
        try await team.purser(set + ["600", "--replace", "--alert-at", "80%"], as: bot).expect(0, output: true)
        try await team.purser("budget", "remove", team.budgetID, "--yes").expect(0)
        try await team.purser(set + ["7"]).expect(0, output: true)
        let history = try await team.purser("budget", "history", team.budgetID)
        history.expect(0, output: true, errors: false)
        let changes = [
            "made: time zone UTC; limit $500; enforcement soft; unpriced admit; downgrade 80%; alerts 20%, 50%, 100%; owner team",
            "limit $500 → $600; enforcement soft → hard; unpriced admit → deny; downgrade 80% → none; "
                + "alerts 20%, 50%, 100% → 80%",
            "nothing", "removed", "made: time zone UTC; limit $7; enforcement hard; unpriced deny; owner team",
        ]
        #expect(
            history.lines.count == 6
                && zip(history.lines.dropFirst(), changes).allSatisfy { $0.contains("  \($1)  ") && $0.hasSuffix("-") },
            "\(history.output)")
        #expect(history.lines[2].contains(/finance-bot \(token \d+\)/), "\(history.output)")
        #expect(history.lines[1].contains(" the admin token "))
    }
}
