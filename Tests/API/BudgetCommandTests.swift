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
                \(team.budgetID): limit $500 → $600.50, enforcement soft → hard, unpriced admit → deny, \
                downgrade at 80% → none, alert at 20% 50% 100% → none

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
        let changed = try await team.purser(arguments + ["6"], as: own)
        changed.expect(0, output: true)
        #expect(changed.errors == "\(id): limit 5 calls → 6 calls\n")
    }
}
