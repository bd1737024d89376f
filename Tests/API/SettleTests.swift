import Foundation
import JSON
import Testing

@Suite struct SettleTests {
    static let fields: [String: Shape] = [
        "entry_id": .text, "cost_usd": .orNull(.money), "model": .text, "duplicate": .flag, "unpriced": .flag,
        "overrun_usd": .money, "warnings": .list,
    ]

    @Test("a settlement is recorded once, answered the same again, and disputed with other content")
    func settleTwice() async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("s-1")
        let body = Team.settlement(
            hold, more: #","status":"ok","latency_ms":840,"quality":0.92,"provider_request_id":"msg_1""#)
        let first = try await team.admin.json("POST", "/v1/settle", body)
        first.expect(Self.fields)
        #expect(try first.money("cost_usd") == Decimal(string: "0.01375"))
        #expect(first["duplicate"]?.bool == false && first["unpriced"]?.bool == false)
        #expect(try first.money("overrun_usd") == 0)

        let again = try await team.admin.json("POST", "/v1/settle", body)
        again.expect(Self.fields)
        #expect(again["duplicate"]?.bool == true)
        #expect(try again.text("entry_id") == first.text("entry_id"))
        #expect(try again.money("cost_usd") == first.money("cost_usd"))

        let other = try await team.admin.send("POST", "/v1/settle", Team.settlement(hold, outputTokens: 311))
        try other.expectProblem(409, "idempotency_conflict")
        let entry = try #require(try other.json["entry"])
        #expect(try entry.text("entry_id") == first.text("entry_id"))

        let budget = try await team.budget()
        #expect(try budget.money("spent_usd") == Decimal(string: "0.01375") && budget.money("held_usd") == 0)
        #expect(try await team.entries().count == 1)
    }

    @Test("a call that cost more than it declared is recorded in full and told as an overrun")
    func overrun() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.02")
        let hold = try await team.hold("o-1")
        let answer = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold, outputTokens: 1000))
        #expect(try answer.money("cost_usd") == Decimal(string: "0.031"))
        #expect(try answer.money("overrun_usd") == Decimal(string: "0.015"))
        #expect(try await team.budget().money("remaining_usd") == Decimal(string: "-0.011"))
    }

    @Test("an expired hold gives its money back and still settles")
    func expired() async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("e-1", more: #","hold_seconds":1"#)
        #expect(try await team.budget().money("held_usd") > 0)
        let deadline = ContinuousClock.now + .seconds(30)
        while try await team.budget().money("held_usd") > 0 {
            try #require(ContinuousClock.now < deadline, "the hold does not expire")
            try await Task.sleep(for: .milliseconds(100))
        }
        let answer = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(answer["duplicate"]?.bool == false)
        let budget = try await team.budget()
        #expect(try budget.money("spent_usd") == Decimal(string: "0.01375") && budget.money("held_usd") == 0)
    }

    @Test("a void releases the hold once, says so again, and comes too late after a settlement")
    func void() async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("v-1")
        for _ in 0..<2 {
            let answer = try await team.admin.json("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#)
            answer.expect(["released_usd": .money])
            #expect(try answer.money("released_usd") == Decimal(string: "0.016"))
        }
        let settled = try await team.hold("v-2")
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(settled))
        try await team.admin.send("POST", "/v1/void", #"{"hold_id":"\#(settled)"}"#).expectProblem(409, "hold_settled")
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.01375"))
    }

    @Test("another model and tier may have served the call; a failed call may have used nothing")
    func servedByAnother() async throws {
        let team = try await Team()
        let hold = try await team.hold("m-1")
        let answer = try await team.admin.json(
            "POST", "/v1/settle",
            Team.settlement(hold, more: #","model":"claude-haiku-4-5","provider":"anthropic","service_tier":"batch""#))
        #expect(try answer.text("model") == "claude-haiku-4-5")
        #expect(try answer.money("cost_usd") == Decimal(string: "0.001375"))

        let failed = try await team.hold("m-2")
        let nothing = try await team.admin.json(
            "POST", "/v1/settle", #"{"hold_id":"\#(failed)","usage":{},"status":"error"}"#)
        #expect(try nothing.money("cost_usd") == 0 && nothing["unpriced"]?.bool == false)
    }

    @Test("a call without a price is unpriced, not free")
    func unpriced() async throws {
        let team = try await Team()
        let hold = try await team.hold("u-1")
        let answer = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(hold, more: #","model":"no-such-model","provider":"nobody""#))
        answer.expect(Self.fields)
        #expect(answer["unpriced"]?.bool == true && answer["cost_usd"]?.isNull == true)
        // The entry keeps what the answer says.
        for warned in try [answer, #require(await team.entries().first)] {
            let warning = try #require(warned.list("warnings").first)
            #expect(try warning.text("code") == "unpriced")
            #expect(try warning.text("message") == "The price book has no provider nobody, so the call is unpriced.")
        }
    }

    @Test(
        "what providers send is taken as it comes",
        arguments: [
            (#"{"prompt_tokens":1200,"completion_tokens":310,"total_tokens":1510}"#, ""),
            (
                #"{"input_tokens":200,"cache_read_input_tokens":1000,"cache_creation_input_tokens":0,"output_tokens":310}"#,
                ""
            ),
            (
                #"{"promptTokenCount":1200,"candidatesTokenCount":300,"thoughtsTokenCount":10,"totalTokenCount":1510}"#,
                ""
            ),
            (#"{"inputTokens":1200,"outputTokens":310,"totalTokens":1510}"#, ""),
            (#"{"input_tokens":1200,"output_tokens":310}"#, #","usage_format":"openai.responses""#),
            (#"{"billed_units":{"input_tokens":1200.0,"output_tokens":310}}"#, ""),
            (#"{"meta":{"billed_units":{"input_tokens":1200,"output_tokens":310}}}"#, #","usage_format":"cohere""#),
            (#"{"choices":[{"message":{}}],"usage":{"prompt_tokens":1200,"completion_tokens":310,"cost":0.01}}"#, ""),
            (#"{"message_start":{"input_tokens":1200,"output_tokens":1},"message_delta":{"output_tokens":310}}"#, ""),
        ])
    func providerUsage(usage: String, more: String) async throws {
        let team = try await Team()
        let hold = try await team.hold("p-1")
        _ = try await team.admin.json("POST", "/v1/settle", #"{"hold_id":"\#(hold)","usage":\#(usage)\#(more)}"#)
        let entry = try #require(try await team.entries().first)
        #expect(entry["input_tokens"]?.integer == 1200 && entry["output_tokens"]?.integer == 310)
    }

    @Test(
        "a call is rated by the tier it was served in, as the router says it, or else the provider",
        arguments: [
            ("standard", "priority", "", "priority"), ("flex", "standard", "", "standard"),
            ("flex", "unheard-of", "", "flex"), ("standard", "priority", #","service_tier":"flex""#, "flex"),
            // A provider reports `standard` for calls in a batch too.
            ("batch", "standard", "", "batch"), ("batch", "priority", "", "priority"),
        ])
    func servedTier(authorized: String, said: String, more: String, tier: String) async throws {
        let team = try await Team()
        let hold = try await team.hold("t-1", more: #","service_tier":"\#(authorized)""#)
        let usage = #"{"input_tokens":1200,"output_tokens":310,"service_tier":"\#(said)"}"#
        _ = try await team.admin.json("POST", "/v1/settle", #"{"hold_id":"\#(hold)","usage":\#(usage)\#(more)}"#)
        let entry = try #require(try await team.entries().first)
        #expect(try entry.text("service_tier") == tier)
    }

    @Test("a batch is answered in order, each as it would be alone, and the good ones stand")
    func batch() async throws {
        let team = try await Team()
        try await team.setBudget()
        let holds = [try await team.hold("b-1"), try await team.hold("b-2"), try await team.hold("b-3")]
        let items = [
            Team.settlement(holds[0]), Team.settlement("nonsense"), Team.settlement(holds[1], outputTokens: 0), "5",
            #"{"hold_id":"\#(holds[2])","usage":{"input_tokens":1,"cache_read_tokens":2}}"#, Team.settlement(holds[2]),
        ]
        let body = #"{"settlements":[\#(items.joined(separator: ","))]}"#
        let results = try await team.admin.json("POST", "/v1/settle/batch", body).list("results")
        try #require(results.count == items.count)
        for index in [0, 2, 5] { results[index].expect(Self.fields) }
        #expect(try results[2].money("cost_usd") == Decimal(string: "0.006"))
        for (index, code) in [(1, "unknown_hold"), (3, "invalid_fields"), (4, "invalid_fields")] {
            #expect(try results[index].text("code") == code)
            #expect(results[index]["status"]?.integer == (code == "unknown_hold" ? 404 : 422))
        }
        #expect(try await team.entries().count == 3)
        let again = try await team.admin.json("POST", "/v1/settle/batch", body).list("results")
        #expect([0, 2, 5].allSatisfy { again[$0]["duplicate"]?.bool == true })
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.0335"))
    }

    @Test("a batch of 10,000 is taken, of 10,001 refused")
    func largestBatch() async throws {
        let team = try await Team()
        let item = Team.settlement("x")
        let full = "[" + Array(repeating: item, count: 10_000).joined(separator: ",") + "]"
        let results = try await team.admin.json("POST", "/v1/settle/batch", #"{"settlements":\#(full)}"#)
        #expect(try results.list("results").count == 10_000)
        let over = full.dropLast() + "," + item + "]"
        try await team.admin.send("POST", "/v1/settle/batch", #"{"settlements":\#(over)}"#)
            .expectProblem(422, "invalid_fields", pointer: "/settlements")
    }
}
