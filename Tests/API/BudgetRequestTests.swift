import Foundation
import JSON
import Testing

/// `/v1/requests`, and what asks for them.
@Suite struct BudgetRequestTests {
    private static let fields: [String: Shape] = [
        "number": .integer, "budget": .text, "team": .orNull(.text), "amount_usd": .money, "from": .orNull(.time),
        "until": .time, "reason": .text, "state": .text, "expires_at": .time, "made_at": .time, "made_by": .text,
        "decided_at": .orNull(.time), "decided_by": .orNull(.text), "decision_reason": .orNull(.text),
        "boost": .orNull(.integer),
    ]

    private let team: Team
    private let own: Client
    private let finance: Client

    init() async throws {
        team = try await Team()
        own = try await team.token("team")
        finance = try await team.token("finance")
    }

    private func ask(_ amount: String = "200", status: Int = 201) async throws -> JSONValue {
        try await own.json(
            "POST", "\(team.budgetPath)/requests", BoostTests.body(#""amount_usd":"\#(amount)""#), status: status)
    }

    private func path(_ request: JSONValue, _ verb: String) throws -> String {
        "/v1/requests/\(try #require(request["number"]?.integer))/\(verb)"
    }

    @Test("a team asks for more of a company's budget, and finance approves it once")
    func approval() async throws {
        try await team.setBudget(more: #","owner":"company""#)
        let asked = try await ask()
        asked.expect(Self.fields)
        #expect(try asked.text("state") == "open" && asked.text("team") == team.name)
        #expect(try await team.budget().money("window_limit_usd") == 500)
        let open = try await own.json("GET", "/v1/requests?state=open").list("requests")
        #expect(open.map { $0["number"]?.integer } == [asked["number"]?.integer])
        try await own.send("POST", path(asked, "approve"), "{}").expectProblem(403, "forbidden")
        let approved = try await finance.json("POST", path(asked, "approve"), #"{"reason":"fine"}"#)
        approved.expect(Self.fields)
        #expect(try approved.text("state") == "approved" && approved.text("decision_reason") == "fine")
        _ = try await finance.json("POST", path(asked, "approve"), "{}")
        #expect(try await team.budget().money("window_limit_usd") == 700)
        let boosts = try await own.json("GET", "\(team.budgetPath)/boosts").list("boosts")
        #expect(boosts.map { $0["number"]?.integer } == [approved["boost"]?.integer])
        try await finance.send("POST", path(asked, "deny"), "{}").expectProblem(409, "request_decided")
        #expect(try await own.json("GET", "/v1/requests?state=open").list("requests").isEmpty)
        let shown = try await own.json("GET", "/v1/requests/\(try #require(asked["number"]?.integer))")
        #expect(shown.source == approved.source)
    }

    @Test("a request is denied with a reason, or withdrawn by who made it, and then makes nothing")
    func endings() async throws {
        try await team.setBudget(more: #","owner":"company""#)
        let denied = try await finance.json("POST", path(ask(), "deny"), #"{"reason":"too much"}"#)
        #expect(try denied.text("state") == "denied" && denied["boost"]?.isNull == true)
        let withdrawn = try await own.json("POST", path(ask(), "withdraw"), "{}")
        #expect(try withdrawn.text("state") == "withdrawn")
        try await finance.send("POST", path(withdrawn, "approve"), "{}").expectProblem(409, "request_decided")
        let left = try await ask()
        let other = try await Team().token("team")
        try await other.send("POST", path(left, "withdraw"), "{}").expectProblem(403, "forbidden")
        #expect(try await team.admin.send("DELETE", team.budgetPath).status == 204)
        let all = try await finance.json("GET", "/v1/requests?team=\(team.name)").list("requests")
        #expect(try all.map { try $0.text("state") } == ["withdrawn", "withdrawn", "denied"])
        try await finance.send("POST", path(left, "approve"), "{}").expectProblem(404, "not_found")
        try await finance.send("POST", "/v1/requests/999999999/deny", "{}").expectProblem(404, "not_found")
        try await finance.send("POST", "/v1/requests/x/deny", "{}").expectProblem(404, "not_found")
    }

    @Test("a request that nobody answers expires at its end")
    func expiry() async throws {
        try await team.setBudget(more: #","owner":"company""#)
        let asked = try await own.json(
            "POST", "\(team.budgetPath)/requests", BoostTests.body(seconds: 2), status: 201)
        try await Eventually.holds("the request did not expire") {
            try await own.json("GET", "/v1/requests?state=expired").list("requests").count == 1
        }
        try await finance.send("POST", path(asked, "approve"), "{}").expectProblem(409, "request_decided")
    }

    @Test("what is left of the allowance is approved at once, and the rest waits")
    func allowance() async throws {
        try await team.setBudget(more: #","owner":"company","allowance_usd":"250""#)
        #expect(try await team.budget().money("allowance_usd") == 250)
        let states = ["100", "200", "150", "0.01"].map { amount in
            { () async throws in try await ask(amount).text("state") }
        }
        var found: [String] = []
        for state in states { found.append(try await state()) }
        #expect(found == ["approved", "open", "approved", "open"])
        #expect(try await team.budget().money("window_limit_usd") == 750)
        let all = try await own.json("GET", "/v1/requests").list("requests")
        #expect(all.map { $0["decided_by"]?.string } == [nil, "the allowance", nil, "the allowance"])
        _ = try await finance.json("PATCH", team.budgetPath, #"{"allowance_usd":null}"#)
        #expect(try await ask("0.01").text("state") == "open")
    }

    @Test("a team decides the requests for its own budgets, and gives itself no allowance")
    func ownBudget() async throws {
        let body = #"{"scope":{"team":"\#(team.name)"},"period":"day","limit_usd":"5""#
        _ = try await own.json("PUT", team.budgetPath, body + "}", status: 201)
        try await own.send("PUT", team.budgetPath, body + #","allowance_usd":"5"}"#).expectProblem(403, "forbidden")
        try await own.send("PATCH", team.budgetPath, #"{"allowance_usd":"5"}"#).expectProblem(403, "forbidden")
        let asked = try await ask()
        try await finance.send("POST", path(asked, "approve"), "{}").expectProblem(403, "forbidden")
        #expect(try await own.json("POST", path(asked, "approve"), "{}").text("state") == "approved")
        #expect(try await own.json("PATCH", team.budgetPath, #"{"limit_usd":"6"}"#).money("window_limit_usd") == 206)
    }

    @Test("open requests are counted in the metrics of the server that does the maintenance")
    func metrics() async throws {
        try await team.setBudget()
        _ = try await ask()
        try await Eventually.holds("open requests are not counted") {
            let text = try await team.admin.send("GET", "/metrics").text
            return text.firstMatch(of: #/purser_open_requests [1-9][0-9]*\n/#) != nil
        }
    }
}
