import Foundation
import JSON
import Testing

/// `purser budget change`, `raise`, `boosts`, `windows` and `remove`.
@Suite struct BudgetChangeCommandTests {
    @Test("change touches what it names, and asks before a hard budget allows more")
    func change() async throws {
        let team = try await Team()
        try await team.setLadderAndAlert()
        try await team.setBudget(more: #","alert_at":[0.5],"downgrade_at":0.8"#)
        let change = ["budget", "change", team.budgetID, "--limit"]
        let lowered = try await team.purser(change + ["400", "--reason", "less is enough"])
        lowered.expect(0, output: true)
        #expect(lowered.errors == "\(team.budgetID): limit $500 → $400\nSpent $0 of $400, 0%.\n")
        let refused = try await team.purser(change + ["700"])
        refused.expect(2, output: false)
        #expect(
            refused.errors == """
                Error: \(team.budgetID) is a hard budget: limit $400 → $700. Do it? Nobody can be asked here: --yes is \
                needed.

                """)
        #expect(try await team.budget().money("limit_usd") == 400)
        try await team.purser(change + ["700", "--yes", "--company-owned"]).expect(0, output: true)
        let budget = try await team.budget()
        #expect(try budget.money("limit_usd") == 700 && budget.text("owner") == "company")
        #expect(budget["alert_at"]?.source == "[0.5]" && budget["downgrade_at"]?.source == "0.8")
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.map { $0["reason"]?.string } == [nil, "less is enough", nil])
    }

    @Test("set asks too, and makes and lowers budgets without")
    func set() async throws {
        let team = try await Team()
        let set = ["budget", "set", team.budgetID, "--team", team.name, "--limit"]
        try await team.purser(set + ["500", "--period", "week", "--starts-on", "sunday", "--unsettled", "input"])
            .expect(0, output: true)
        try await team.purser(set + ["400", "--period", "week", "--starts-on", "sunday"]).expect(1, output: false)
        let lower = set + ["400", "--period", "week", "--starts-on", "sunday", "--unsettled", "input"]
        try await team.purser(lower).expect(0, output: true)
        try await team.purser(lower + ["--carry-over", "50"]).expect(2, output: false)
        try await team.purser(lower + ["--carry-over", "50", "--yes"]).expect(0, output: true)
        let budget = try await team.budget()
        #expect(try budget.text("starts_on") == "sunday" && budget.text("unsettled") == "input")
        #expect(budget["carry_over"]?.source == #"{"cap_usd":"50"}"#)
    }

    @Test("raise adds for a time, and says what was, what is and until when")
    func raise() async throws {
        let team = try await Team()
        try await team.setBudget()
        let raised = try await team.purser(
            "budget", "raise", team.budgetID, "+200", "--until", "2099-01-01T12:00:00Z", "--reason", "launch")
        raised.expect(1, errors: true)
        #expect(raised.errors.hasPrefix("Error: --until must be within 400 days."), "\(raised.errors)")
        let until = BoostTests.until(seconds: 86_400)
        let done = try await team.purser(
            "budget", "raise", team.budgetID, "+200", "--until", until, "--reason", "launch")
        done.expect(0, output: true)
        #expect(
            done.errors.hasPrefix("\(team.budgetID): limit of the window $500 → $700, until 20")
                && done.errors.hasSuffix("\nSpent $0 of $700, 0%.\n"), "\(done.errors)")
        let boosts = try await team.purser("budget", "boosts", team.budgetID)
        boosts.expect(0, output: true, errors: false)
        #expect(boosts.output.contains("200.00") && boosts.output.contains("launch"), "\(boosts.output)")
        let number = try #require(
            try await team.admin.json("GET", "\(team.budgetPath)/boosts").list("boosts").first?["number"]?.integer)
        let taken = try await team.purser("budget", "withdraw", team.budgetID, "--boost", String(number))
        taken.expect(0, output: false)
        #expect(
            taken.errors == """
                Boost \(number) is withdrawn.
                \(team.budgetID): limit of the window $700 → $500
                Spent $0 of $500, 0%.

                """)
        let change = try await team.purser(
            "budget", "change", team.budgetID, "--limit", "400", "--from", until, "--output", "json")
        let planned = try #require(try JSONDocument(text: change.output).root["number"]?.integer)
        let dropped = try await team.purser("budget", "withdraw", team.budgetID, "--change", String(planned))
        dropped.expect(0, output: false)
        #expect(dropped.errors == "Change \(planned) is withdrawn.\n")
    }

    @Test("windows lists values in the order that is asked for")
    func windows() async throws {
        let team = try await Team()
        let id = "runs-\(team.name)"
        _ = try await team.admin.json(
            "PUT", "/v1/budgets/\(id)",
            #"{"scope":{"team":"\#(team.name)","run":"*"},"period":"day","limit_usd":"5"}"#, status: 201)
        for run in ["b", "a"] {
            let hold = try await team.hold("w-\(run)", more: #","run":"\#(run)""#)
            _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        }
        let listed = try await team.purser("budget", "windows", id, "--sort", "value")
        listed.expect(0, output: true, errors: false)
        #expect(listed.lines.dropFirst().map { $0.prefix(5) } == ["run=a", "run=b"])
        let first = try await team.purser("budget", "windows", id, "--sort", "value", "--limit", "1")
        first.expect(0, output: true)
        #expect(first.lines.count == 2 && first.errors == "1 value of 2 values; --limit shows more.\n")
    }

    @Test("remove asks for a hard budget, and for no other")
    func remove() async throws {
        let team = try await Team()
        try await team.setBudget()
        let refused = try await team.purser("budget", "remove", team.budgetID)
        refused.expect(2, output: false)
        #expect(refused.errors.contains("is a hard budget. Spent $0 of $500, 0%. Remove it"), "\(refused.errors)")
        try await team.purser("budget", "remove", team.budgetID, "--yes", "--reason", "over").expect(0)
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.last?["reason"]?.string == "over")
        try await team.setBudget(more: #","enforcement":"soft""#)
        try await team.purser("budget", "remove", team.budgetID).expect(0)
    }
}
