import Foundation
import JSON
import Testing

/// The call costs 0.016 USD at most: 0.006 for its input, and 25 USD a million for each of 400 tokens of output.
@Suite("A call that takes a smaller answer") struct SmallerAnswerTests {
    private static func clamped(_ team: Team) async throws -> Int {
        let text = try await team.admin.send("GET", "/metrics").text
        return text.split(separator: "\n").filter { $0.hasPrefix("purser_clamped_verdicts_total{verdict=\"admit\"}") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    @Test("is admitted with what the budget has room for, told of it, and counted; again it is the same answer")
    func admit() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.01")
        let before = try await Self.clamped(team)
        let verdict = try await team.authorize("c-1", more: #","min_output_tokens":100"#)
        verdict.expect(VerdictTests.fields)
        #expect(try verdict.text("verdict") == "admit")
        #expect(verdict["reason"]?.isNull == true)
        #expect(verdict["max_output_tokens"]?.integer == 160)
        #expect(try verdict.money("estimated_cost_usd") == Decimal(string: "0.01"))
        let warning = try #require(try verdict.list("warnings").first)
        #expect(try warning.text("code") == "output_clamped")
        #expect(try warning.text("message").hasPrefix("\(team.budgetID) has room this month for 160 tokens of output"))
        #expect(try await team.budget().money("held_usd") == Decimal(string: "0.01"))
        #expect(try await Self.clamped(team) > before)
        let again = try await team.authorize("c-1", more: #","min_output_tokens":100"#)
        #expect(again.source == verdict.source)
        try await team.admin.send("POST", "/v1/authorize", team.call("c-1", more: #","min_output_tokens":99"#))
            .expectProblem(409, "idempotency_conflict")
        _ = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(try verdict.text("hold_id"), outputTokens: 160))
        #expect(try await team.budget().money("remaining_usd") == 0)
    }

    @Test("is denied where even the least does not fit, and told what that would cost")
    func deny() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.01")
        let verdict = try await team.authorize("c-1", more: #","min_output_tokens":200"#)
        #expect(try verdict.text("verdict") == "deny")
        #expect(verdict["max_output_tokens"]?.isNull == true)
        let message = try #require(verdict["reason"]).text("message")
        #expect(message.contains("could cost $0.016, and still $0.011 with only 200 tokens of output"), "\(message)")
    }

    @Test(
        "must take no more than it asks for, and something",
        arguments: [
            ("401", "is larger than max_output_tokens"), ("0", "must be"), ("1.5", "must be"), ("\"9\"", "must be"),
        ])
    func refused(least: String, says: String) async throws {
        let team = try await Team()
        let reply = try await team.admin.send(
            "POST", "/v1/authorize", team.call("c-1", more: #","min_output_tokens":\#(least)"#))
        try reply.expectProblem(422, "invalid_fields", pointer: "/min_output_tokens")
        #expect(reply.text.contains(says))
        #expect(try await team.authorize("c-2", more: #","min_output_tokens":null"#).text("verdict") == "admit")
    }

    @Test("is explained in words")
    func explain() async throws {
        let team = try await Team()
        try await team.setBudget(limit: "0.01")
        let result = try await team.purser(
            "explain", "--team", team.name, "--model", "claude-opus-4-5", "--input", "1200", "--max-output", "400",
            "--min-output", "100", "--bound", "cache_write_tokens=0")
        #expect(
            result.output.hasPrefix(
                "Admit: claude-opus-4-5 of anthropic with at most 160 tokens of output, which could cost $0.01."),
            "\(result.output)")
        #expect(try await team.budget().money("held_usd") == 0)
    }
}
