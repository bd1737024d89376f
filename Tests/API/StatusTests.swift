import Foundation
import JSON
import Testing

/// `GET /v1/status` and `purser status`.
@Suite struct StatusTests {
    private let team: Team

    /// A team that has made one call for 0.01375 USD of a budget of 0.02, and was denied another.
    init() async throws {
        team = try await Team()
        try await team.setBudget(limit: "0.02")
        let hold = try await team.hold("r-1", more: #","feature":"chat","user":"ann""#)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        _ = try await team.authorize("r-2", more: #","feature":"chat""#)
        try await Eventually.holds("verdicts are not counted") { [team] in
            try await team.admin.json("GET", "/v1/status?team=\(team.name)")["verdicts"]?["denied"]?.integer == 1
        }
    }

    private func status(as client: Client? = nil) async throws -> JSONValue {
        try await (client ?? team.admin).json("GET", "/v1/status?team=\(team.name)")
    }

    @Test("it has the budgets, what the month has gone for and how calls were answered, at once")
    func answer() async throws {
        let status = try await status()
        status.expect([
            "as_of": .time, "team": .text, "time_zone": .text, "month": .text, "today": .text, "budgets": .list,
            "calls": .integer, "cost_usd": .money, "features": .list, "users": .list, "models": .list,
            "verdicts": .object,
        ])
        let budget = try #require(try status.list("budgets").first)
        budget.expect(BudgetTests.fields.merging(["forecast": .orNull(.object)]) { $1 })
        #expect(try budget.money("spent_usd") == 0.01375)
        #expect(try status.money("cost_usd") == 0.01375 && status["calls"]?.integer == 1)
        let spenders: [(StaticString, String, String)] = [
            ("features", "feature", "chat"), ("users", "user", "ann"), ("models", "model", "claude-opus-4-5"),
        ]
        for (list, name, value) in spenders {
            let spender = try #require(try status.list(list).first)
            #expect(spender.fields.first { $0.name == name }?.value.string == value)
            #expect(try spender.money("cost_usd") == 0.01375 && spender["share"]?.source == "1")
        }
        let verdicts = try #require(status["verdicts"])
        #expect(verdicts["admitted"]?.integer == 1 && verdicts["downgraded"]?.integer == 0)
        #expect(try verdicts.list("reasons").map { $0["code"]?.string } == ["budget_exhausted"])
    }

    @Test("a team's token reads its own team alone, a router's none")
    func roles() async throws {
        let own = try await team.token("team")
        #expect(try await own.json("GET", "/v1/status")["team"]?.string == team.name)
        let other = try await Team()
        #expect(try await own.send("GET", "/v1/status?team=\(other.name)").status == 403)
        #expect(try await team.token("router").send("GET", "/v1/status").status == 403)
        let finance = try await team.token("finance").json("GET", "/v1/status")
        #expect(finance["team"]?.isNull == true)
        #expect(try finance.list("budgets").contains { $0["id"]?.string == team.budgetID })
    }

    @Test("the command tells it on one screen")
    func screen() async throws {
        let run = try await team.purser("status", "--team", team.name, as: try await team.token("team"))
        run.expect(0, errors: false)
        #expect(run.lines[0].hasPrefix("Status of team \(team.name) in UTC, as of 2"), "\(run.output)")
        #expect(run.lines.contains { $0.hasPrefix(team.budgetID) && $0.contains("######....") && $0.contains("68%") })
        for text in [
            "TOP FEATURES", "chat", "TOP USERS", "ann", "TOP MODELS", "claude-opus-4-5",
            "Today: 1 admitted, 0 downgraded and 1 denied\n  1 denied: a budget had too little left\n",
        ] {
            #expect(run.output.contains(text), "\(text) is not in\n\(run.output)")
        }
        #expect(run.lines.count <= 24 && !run.output.contains("Open: "))
    }

    @Test("csv has a row for each, with every place")
    func rows() async throws {
        let csv = try await team.purser("status", "--team", team.name, "--output", "csv")
        csv.expect(0, errors: false)
        #expect(csv.lines[0].hasPrefix("kind,name,provider,unit,limit,spent,forecast,"))
        #expect(csv.lines[1].hasPrefix("budget,\(team.budgetID),,usd,0.02,0.01375,"))
        #expect(csv.lines.dropFirst(2).map { $0.prefix { $0 != "," } } == ["feature", "user", "model", "deny"])
        #expect(csv.lines[2].hasSuffix(",1,0.01375,1,"))
    }

    @Test("a team that has done nothing is told so")
    func nothing() async throws {
        let team = try await Team()
        let run = try await team.purser("status", "--team", team.name)
        run.expect(0, errors: false)
        #expect(run.output.contains("No budget.") && run.output.contains("Today: no call asked for a verdict"))
    }
}
