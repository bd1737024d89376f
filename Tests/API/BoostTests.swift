import Foundation
import JSON
import Testing

/// `/v1/budgets/{id}/boosts`.
@Suite struct BoostTests {
    private static let fields: [String: Shape] = [
        "number": .integer, "budget": .text, "amount_usd": .money, "from": .time, "until": .time, "reason": .text,
        "state": .text, "made_at": .time, "made_by": .text, "withdrawn_at": .orNull(.time),
        "withdrawn_by": .orNull(.text),
    ]

    static func until(seconds: Double) -> String {
        Date().addingTimeInterval(seconds).formatted(.iso8601)
    }

    static func body(_ amount: String = #""amount_usd":"200""#, seconds: Double = 3600, more: String = "") -> String {
        #"{\#(amount),"until":"\#(until(seconds: seconds))","reason":"launch week"\#(more)}"#
    }

    @Test("a boost is in the window's limit until it is over or withdrawn, and is listed with who and why")
    func life() async throws {
        let team = try await Team()
        try await team.setBudget()
        let path = "\(team.budgetPath)/boosts"
        let made = try await team.admin.json("POST", path, Self.body(), status: 201)
        made.expect(Self.fields)
        #expect(try made.text("state") == "active" && made.text("reason") == "launch week")
        #expect(try await team.budget().money("window_limit_usd") == 700)
        #expect(try await team.budget().money("limit_usd") == 500)
        let short = try await team.admin.json(
            "POST", path, Self.body(#""amount_usd":"1""#, seconds: 4), status: 201)
        try await team.setBudget(limit: "600", status: 200)
        try await Eventually.holds("the boost did not end") {
            try await team.budget().money("window_limit_usd") == 800
        }
        let number = try #require(made["number"]?.integer)
        #expect(try await team.admin.send("DELETE", "\(path)/\(number)").status == 204)
        #expect(try await team.admin.send("DELETE", "\(path)/\(number)").status == 204)
        #expect(try await team.budget().money("window_limit_usd") == 600)
        let listed = try await team.admin.json("GET", path).list("boosts")
        #expect(listed.map { $0["number"]?.integer } == [short["number"]?.integer, number])
        #expect(try listed.map { try $0.text("state") } == ["ended", "withdrawn"])
        for boost in listed { boost.expect(Self.fields) }
        #expect(try listed[1].text("withdrawn_by") == "the admin token")
        for place in ["\(path)/999999999", "\(path)/x"] {
            try await team.admin.send("DELETE", place).expectProblem(404, "not_found")
        }
    }

    @Test(
        "a boost has an amount in the budget's unit, an end to come and a reason",
        arguments: [
            (#"{"until":"SOON","reason":"r"}"#, "/amount_usd"),
            (#"{"amount_usd":"0","until":"SOON","reason":"r"}"#, "/amount_usd"),
            (#"{"amount_usd":"1","amount_calls":1,"until":"SOON","reason":"r"}"#, "/amount_calls"),
            (#"{"amount_usd":"1","until":"SOON"}"#, "/reason"), (#"{"amount_usd":"1","reason":"r"}"#, "/until"),
            (#"{"amount_usd":"1","until":"2020-01-01T00:00:00Z","reason":"r"}"#, "/until"),
            (#"{"amount_usd":"1","until":"2999-01-01T00:00:00Z","reason":"r"}"#, "/until"),
            (#"{"amount_usd":"1","from":"2999-01-01T00:00:00Z","until":"SOON","reason":"r"}"#, "/from"),
        ])
    func mistakes(body: String, pointer: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        try await team.admin.send(
            "POST", "\(team.budgetPath)/boosts", body.replacing("SOON", with: Self.until(seconds: 60))
        ).expectProblem(422, "invalid_fields", pointer: pointer)
        #expect(try await team.admin.json("GET", "\(team.budgetPath)/boosts").list("boosts").isEmpty)
    }

    @Test("a budget of a company is boosted by finance, one of a team by the team, and by no other")
    func roles() async throws {
        let team = try await Team()
        try await team.setBudget(more: #","owner":"company""#)
        let path = "\(team.budgetPath)/boosts"
        let own = try await team.token("team")
        let refused = try await own.send("POST", path, Self.body())
        try refused.expectProblem(403, "forbidden")
        #expect(refused.text.contains("request"))
        let finance = try await team.token("finance")
        let made = try await finance.json("POST", path, Self.body(), status: 201)
        #expect(try await own.json("GET", path).list("boosts").count == 1)
        try await own.send("DELETE", "\(path)/\(try #require(made["number"]?.integer))").expectProblem(403, "forbidden")
        let ofTeam = "/v1/budgets/own-\(team.name)"
        _ = try await own.json(
            "PUT", ofTeam, #"{"scope":{"team":"\#(team.name)"},"period":"day","limit_calls":5}"#, status: 201)
        let boost = try await own.json(
            "POST", "\(ofTeam)/boosts", Self.body(#""amount_calls":3"#), status: 201)
        #expect(boost["amount_calls"]?.integer == 3)
        try await finance.send("POST", "\(ofTeam)/boosts", Self.body(#""amount_calls":3"#))
            .expectProblem(403, "forbidden")
        #expect(try await team.admin.json("GET", ofTeam)["window_limit_calls"]?.integer == 8)
    }
}
