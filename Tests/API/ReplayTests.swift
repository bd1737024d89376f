import Foundation
import JSON
import Testing

/// `POST /v1/replays` and `purser budget try`.
@Suite struct ReplayTests {
    private let team: Team
    private let own: Client
    private let from = Self.day(-1)
    private let to = Self.day(1)

    private static func day(_ later: Int) -> String {
        String(Date(timeIntervalSinceNow: Double(later) * 86_400).ISO8601Format().prefix(10))
    }

    /// A team that has made one call for 0.01375 USD of a budget of 0.02, and was denied another.
    init() async throws {
        team = try await Team()
        own = try await team.token("team")
        try await team.setBudget(limit: "0.02")
        let hold = try await team.hold("r-1", more: #","feature":"chat""#)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        _ = try await team.authorize("r-2", more: #","feature":"chat""#)
        try await Eventually.holds("the log lacks verdicts") { [self] in
            try await replay(limit: "0.02")["calls"]?.integer == 2
        }
    }

    private func body(limit: String, more: String = "", id: String? = nil) -> String {
        """
        {"budgets": [{"id": "\(id ?? team.budgetID)", "scope": {"team": "\(team.name)"}, "period": "month",
            "limit_usd": "\(limit)"\(more)}], "from": "\(from)", "to": "\(to)"}
        """
    }

    private func replay(limit: String, more: String = "") async throws -> JSONValue {
        try await own.json("POST", "/v1/replays", body(limit: limit, more: more))
    }

    @Test("the budgets that were in force say what was said, call for call")
    func same() async throws {
        let result = try await replay(limit: "0.02")
        result.expect([
            "from": .time, "to": .time, "time_zone": .text, "log_begins_at": .time, "calls": .integer,
            "admitted": .integer, "clamped": .integer, "downgraded": .integer, "denied": .integer, "spent_usd": .money,
            "actual_usd": .money, "saved_usd": .money, "assumed": .integer, "identical": .flag, "differing": .integer,
            "differences": .list, "days": .list, "budgets": .list, "warnings": .list,
        ])
        #expect(result["identical"]?.bool == true && result["denied"]?.integer == 1, "\(result.source)")
        #expect(try result.money("spent_usd") == 0.01375 && result.money("saved_usd") == 0)
        let day = try #require(try result.list("days").first)
        #expect(day["team"]?.string == team.name && day["feature"]?.string == "chat" && day["calls"]?.integer == 2)
        #expect(day["ran_dry_at"]?.string != nil)
        let budget = try #require(try result.list("budgets").first)
        #expect(budget["id"]?.string == team.budgetID && budget["denied"]?.integer == 1)
    }

    @Test("a lower limit would have saved, a higher one would have cost, what is assumed of calls that were denied")
    func others() async throws {
        let lower = try await replay(limit: "0.001")
        #expect(lower["denied"]?.integer == 2 && lower["differing"]?.integer == 2)
        #expect(try lower.money("saved_usd") == 0.01375)
        let higher = try await replay(limit: "5")
        #expect(higher["denied"]?.integer == 0 && higher["assumed"]?.integer == 1)
        #expect(try higher.money("saved_usd") == -0.01375)
        let soft = try await replay(limit: "0.001", more: #", "enforcement": "shadow""#)
        // As in truth, the first call of a window that denies nothing does not wait for it.
        #expect(try soft.list("budgets").first?["would_deny"]?.integer == 1)
        // Nothing of it is stored.
        #expect(try await team.budget()["version"]?.integer == 1)
    }

    @Test("lines of progress end with the result, for who asks for them")
    func lines() async throws {
        let answer = try await own.send(
            "POST", "/v1/replays", body(limit: "0.02"), headers: ["Accept": "application/x-ndjson"])
        #expect(answer.status == 200)
        let last = try #require(answer.text.split(separator: "\n").last)
        #expect(try JSONDocument(text: String(last)).root["result"]?["calls"]?.integer == 2)
    }

    @Test("a team tries its own budgets alone, a router none, and what is not a replay is refused by its field")
    func refusals() async throws {
        let other = try await Team()
        #expect(try await other.token("team").send("POST", "/v1/replays", body(limit: "1")).status == 403)
        #expect(try await team.token("router").send("POST", "/v1/replays", body(limit: "1")).status == 403)
        #expect(try await team.token("finance").send("POST", "/v1/replays", body(limit: "1")).status == 200)
        let wrong: [(String, String)] = [
            (#"{"budgets": [], "from": "2026-10-01", "to": "2026-11-01"}"#, "/budgets"),
            (body(limit: "x"), "/budgets/0/limit_usd"), (body(limit: "1", more: #", "x": 1"#), "/budgets/0/x"),
            (body(limit: "1").replacing(to, with: from), "/to"),
            (body(limit: "1").replacing(from, with: "2020-01-01"), "/to"),
            (body(limit: "1").replacing(from, with: "\(from)T00:01:00Z"), "/from"),
        ]
        for (body, pointer) in wrong {
            let answer = try await own.send("POST", "/v1/replays", body)
            let errors = try JSONDocument(text: answer.text).root.list("errors")
            #expect(answer.status == 422 && errors.first?["pointer"]?.string == pointer, "\(answer.text)")
        }
    }

    @Test("the command shows each day and feature, and says what people want to know")
    func command() async throws {
        let file = """
            budgets:
              \(team.budgetID):
                scope: {team: \(team.name)}
                period: month
                limit_usd: 0.001
            """
        let words = ["budget", "try", "-", "--from", from, "--to", to]
        let table = try await team.purser(words, as: own, input: file)
        table.expect(0, output: true, errors: true)
        #expect(table.lines.count == 2 && table.lines[1].contains("chat"), "\(table.output)")
        for sentence in [
            "\(team.budgetID) would have denied 2 calls.", "It would have saved $0.01375.",
            "2 verdicts would have been",
        ] {
            #expect(table.errors.contains(sentence), "\(table.errors)")
        }
        let csv = try await team.purser(words + ["--output", "csv"], as: own, input: file)
        #expect(csv.lines[0].hasPrefix("day,team,feature,calls,admitted,clamped,downgraded,denied,spent_usd"))
        csv.expect(0, errors: true)
        let json = try await team.purser(words + ["--output", "json"], as: own, input: file)
        #expect(try JSONDocument(text: json.output).root["denied"]?.integer == 2)
    }
}
