import Foundation
import JSON
import Testing

@Suite struct VerdictTests {
    static let fields: [String: Shape] = [
        "verdict": .text, "request_id": .text, "hold_id": .orNull(.text), "model": .orNull(.text),
        "provider": .orNull(.text), "max_output_tokens": .orNull(.integer), "estimated_cost_usd": .orNull(.money),
        "expires_at": .orNull(.time),
        "reason": .orNull(.object), "budgets": .list, "warnings": .list,
    ]
    static let reasonFields: [String: Shape] = [
        "code": .text, "message": .text, "budget": .orNull(.text), "resets_at": .orNull(.time),
        "retry_after_seconds": .orNull(.integer),
    ]
    static let budgetFields: [String: Shape] = [
        "id": .text, "enforcement": .text, "limit_usd": .money, "spent_usd": .money, "held_usd": .money,
        "remaining_usd": .money, "resets_at": .orNull(.time),
    ]

    @Test("an admit holds the worst case and tells the budgets it is held in")
    func admit() async throws {
        let team = try await Team()
        try await team.setBudget()
        let verdict = try await team.authorize(
            "a-1",
            more: """
                ,"feature":"autocomplete","user":"u1","run":"agent-7","tags":{"env":"prod"},"provider":"anthropic",
                "service_tier":"standard","cached_input_tokens":0,"bounds":{"cache_write_1h_tokens":0,"web_searches":0},
                "models":["claude-opus-4-5","claude-haiku-4-5"],"hold_seconds":600,"dry_run":false
                """)
        verdict.expect(Self.fields)
        #expect(try verdict.text("verdict") == "admit" && verdict["reason"]?.isNull == true)
        #expect(try verdict.text("model") == "claude-opus-4-5" && verdict.text("provider") == "anthropic")
        #expect(try verdict.money("estimated_cost_usd") == Decimal(string: "0.016"))
        #expect(try verdict.text("hold_id").utf8.count <= 4096)
        #expect(try verdict.text("hold_id").wholeMatch(of: /[A-Za-z0-9_.~-]+/) != nil)
        let budget = try #require(try verdict.list("budgets").first)
        budget.expect(Self.budgetFields)
        #expect(try budget.money("held_usd") == Decimal(string: "0.016"))
        #expect(try await team.budget().money("held_usd") == Decimal(string: "0.016"))
    }

    @Test("a dry run answers the same and holds nothing")
    func dryRun() async throws {
        let team = try await Team()
        try await team.setBudget()
        let verdict = try await team.authorize("d-1", more: #","dry_run":true"#)
        verdict.expect(Self.fields)
        #expect(try verdict.text("verdict") == "admit" && verdict["hold_id"]?.isNull == true)
        #expect(try await team.budget().money("held_usd") == 0)
    }

    @Test("a request_id again is the same hold; with another body it is a conflict; void, it is judged anew")
    func sameRequest() async throws {
        let team = try await Team()
        try await team.setBudget()
        let first = try await team.authorize("s-1")
        let again = try await team.authorize("s-1")
        #expect(try first.text("expires_at") == again.text("expires_at"))
        #expect(try await team.budget().money("held_usd") == Decimal(string: "0.016"))
        try await team.admin.send("POST", "/v1/authorize", team.call("s-1", more: #","user":"u2""#))
            .expectProblem(409, "idempotency_conflict")
        #expect(try await team.budget().money("held_usd") == Decimal(string: "0.016"))

        let void = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(again.text("hold_id"))"}"#)
        #expect(try void.money("released_usd") == Decimal(string: "0.016"))
        #expect(try await team.budget().money("held_usd") == 0)
        #expect(try await team.authorize("s-1").text("verdict") == "admit")
    }

    @Test("the output is the model's own maximum where none is given")
    func defaultOutput() async throws {
        let team = try await Team()
        let verdict = try await team.admin.json(
            "POST", "/v1/authorize",
            #"{"request_id":"o-1","team":"\#(team.name)","model":"claude-opus-4-5","input_tokens":0,"dry_run":true}"#)
        #expect(try verdict.money("estimated_cost_usd") > 1)
    }

    @Test(
        "input is held at the dearest of what it may become, unless the call says what is written to a cache",
        arguments: [
            // 1,200 tokens at 10 USD a million, and 400 of output at 25.
            ("{}", "0.022"), (#"{"web_searches":0}"#, "0.022"), (#"{"cache_write_tokens":0}"#, "0.016"),
            (#"{"cache_write_1h_tokens":0}"#, "0.016"), (#"{"cache_write_tokens":1200}"#, "0.0175"),
        ])
    func writes(bounds: String, usd: String) async throws {
        let team = try await Team()
        let verdict = try await team.authorize("w-1", more: #","bounds":\#(bounds)"#)
        #expect(try verdict.money("estimated_cost_usd") == Decimal(string: usd))
    }

    struct Denial: Sendable, CustomTestStringConvertible {
        let code: String
        let limit: String
        var spentTokens = 0
        var model = "claude-opus-4-5"
        var more = ""

        var testDescription: String { "\(code) \(model)" }
    }

    @Test(
        "a deny has no hold, and says why and which budget",
        arguments: [
            Denial(code: "over_call_limit", limit: "0.01"),
            Denial(code: "budget_exhausted", limit: "0.02", spentTokens: 310),
            Denial(code: "model_not_priced", limit: "500", model: "no-such-model"),
            Denial(code: "model_not_allowed", limit: "500", more: #","models":["claude-haiku-4-5"]"#),
        ])
    func deny(_ denial: Denial) async throws {
        let team = try await Team()
        try await team.setBudget(limit: denial.limit)
        if denial.spentTokens > 0 {
            let hold = try await team.hold("first")
            _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold, outputTokens: denial.spentTokens))
        }
        let before = try await team.budget().source
        let verdict = try await team.authorize("n-1", model: denial.model, more: denial.more)
        verdict.expect(Self.fields)
        #expect(try verdict.text("verdict") == "deny")
        #expect(verdict["hold_id"]?.isNull == true && verdict["model"]?.isNull == true)
        let reason = try #require(verdict["reason"])
        reason.expect(Self.reasonFields)
        #expect(try reason.text("code") == denial.code)
        if denial.code != "model_not_allowed" { #expect(try reason.text("budget") == team.budgetID) }
        #expect(try await team.budget().source == before)
    }

    @Test("more input than the model takes is denied, by what the price book says", arguments: [200_000, 200_001])
    func overContext(inputTokens: Int) async throws {
        let team = try await Team()
        let verdict = try await team.admin.json(
            "POST", "/v1/authorize",
            #"{"request_id":"long","team":"\#(team.name)","model":"claude-haiku-4-5","input_tokens":\#(inputTokens),"max_output_tokens":1}"#
        )
        let message = "claude-haiku-4-5 takes 200,000 tokens of input at most, and the call has 200,001 tokens."
        #expect(verdict["reason"]?["message"]?.string == (inputTokens > 200_000 ? message : nil))
        #expect(verdict["reason"]?["code"]?.string == (inputTokens > 200_000 ? "over_context" : nil))
    }

    @Test("money that only calls in flight hold is told as held, with when")
    func fundsHeld() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.02")
        let hold = try await team.hold("h-1")
        let verdict = try await team.authorize("h-2")
        let reason = try #require(verdict["reason"])
        #expect(try verdict.text("verdict") == "deny" && reason.text("code") == "funds_held")
        #expect(reason["retry_after_seconds"]?.integer ?? 0 > 0)
        _ = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#)
        #expect(try await team.authorize("h-2").text("verdict") == "admit")
    }

    @Test("a call goes down its ladder to what fits, never below the floor")
    func downgrade() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.012")
        _ = try await team.admin.json(
            "PUT", "/v1/ladders/\(team.name)/chat",
            #"{"models":["claude-opus-4-5","claude-sonnet-4-5","claude-haiku-4-5"]}"#)
        let verdict = try await team.authorize("l-1", more: #","feature":"chat""#)
        verdict.expect(Self.fields)
        let reason = try #require(verdict["reason"])
        reason.expect(Self.reasonFields)
        #expect(try verdict.text("verdict") == "downgrade" && verdict.text("model") == "claude-sonnet-4-5")
        #expect(try reason.text("budget") == team.budgetID)

        _ = try await team.admin.json(
            "PUT", "/v1/ladders/\(team.name)/chat",
            #"{"models":["claude-opus-4-5","claude-sonnet-4-5","claude-haiku-4-5"],"floor":"claude-opus-4-5"}"#)
        let floored = try await team.authorize("l-2", more: #","feature":"chat""#)
        #expect(try floored.text("verdict") == "deny")
        let other = try await team.authorize("l-3", model: "gpt-4o", more: #","feature":"chat""#)
        #expect(other["reason"]?["code"]?.string == "model_not_allowed")
    }

    @Test("from downgrade_at on the next model is used")
    func downgradeAt() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.05", more: #","downgrade_at":0.5"#)
        _ = try await team.admin.json(
            "PUT", "/v1/ladders/\(team.name)", #"{"models":["claude-opus-4-5","claude-haiku-4-5"]}"#)
        #expect(try await team.authorize("g-1").text("verdict") == "admit")
        _ = try await team.authorize("g-2")
        let third = try await team.authorize("g-3")
        #expect(try third.text("verdict") == "downgrade" && third.text("model") == "claude-haiku-4-5")
        #expect(third["reason"]?["code"]?.string == "downgrade_threshold")
    }

    @Test("soft and shadow budgets let the call through and say what a hard one would", arguments: ["soft", "shadow"])
    func softBudgets(enforcement: String) async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.001", more: #","enforcement":"\#(enforcement)""#)
        var number = 0
        // No call waits until the server knows the window of such a budget, so the first may come without a warning.
        try await Eventually.holds("nothing warns of the budget") {
            number += 1
            let verdict = try await team.authorize("w-\(number)")
            #expect(try verdict.text("verdict") == "admit")
            #expect(verdict["reason"]?.isNull == true)
            return try verdict.list("warnings").count == 1
        }
    }

    @Test("a call that more budgets count than a hold_id can name is refused, and nothing is held")
    func tooManyBudgets() async throws {
        let team = try await Team()
        // Long names leave room for some 75 budgets, short ones for some 150.
        let tags = (0..<8).map { #""\#($0)":"\#(String(repeating: "v", count: 127))""# }.joined(separator: ",")
        let names = ["feature", "user", "run"].map { #","\#($0)":"\#(String(repeating: "n", count: 128))""# }.joined()
        let more = names + #","tags":{\#(tags)}"#
        let first = try await team.hold("r-1", more: more)
        _ = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(first)"}"#)
        for number in 0..<120 {
            let body = #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"500","enforcement":"soft"}"#
            _ = try await team.admin.json("PUT", "/v1/budgets/\(team.name)-\(number)", body, status: 201)
        }
        // No call waits until the server knows the windows of soft budgets; a call holds nothing of those it does not know.
        try await Eventually.holds("a call is not refused") {
            try await team.admin.send("POST", "/v1/authorize", team.call("dry", more: more + #","dry_run":true"#))
                .status == 422
        }
        let reply = try await team.admin.send("POST", "/v1/authorize", team.call("r-2", more: more))
        try reply.expectProblem(422, "invalid_fields", pointer: "")
        #expect(reply.text.contains("120 budgets"), "\(reply.text)")
        let budget = try await team.admin.json("GET", "/v1/budgets/\(team.name)-0")
        #expect(try budget.money("held_usd") == 0)
        #expect(try await team.hold("r-3").count < 4096)
    }
}
