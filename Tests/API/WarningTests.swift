import Foundation
import JSON
import Testing

/// What a usage object says and nobody understood is told wherever the call is seen.
@Suite("A warning about a usage object") struct WarningTests {
    private static let strange =
        #"{"input_tokens":1200,"output_tokens":310,"total_tokens":1520,"guardrails_tokens":10}"#

    private static func codes(_ answer: JSONValue) throws -> [String] {
        try answer.list("warnings").map { try $0.text("code") }
    }

    private static func metric(_ code: String, _ server: PurserServer) async throws -> Int {
        let text = try await server.admin.send("GET", "/metrics").text
        let line = text.split(separator: "\n").first { $0.hasPrefix("purser_usage_warnings_total{code=\"\(code)\"}") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }

    @Test("stands in the answer to a settlement and its repeat, in the entry and in a metric")
    func settle() async throws {
        let team = try await Team()
        let before = try await Self.metric("unread_fields", team.server)
        let hold = try await team.hold("w-1")
        let body = #"{"hold_id":"\#(hold)","usage":\#(Self.strange)}"#
        for isRepeat in [false, true] {
            let answer = try await team.admin.json("POST", "/v1/settle", body)
            #expect(answer["duplicate"]?.bool == isRepeat && answer["unpriced"]?.bool == false)
            #expect(try Self.codes(answer) == ["unread_fields", "total_differs"])
            let warnings = try answer.list("warnings")
            #expect(try warnings[0].list("fields").map(\.string) == ["guardrails_tokens"])
            #expect(warnings[1]["residual_tokens"]?.integer == 10)
        }
        let entry = try #require(try await team.entries().first)
        #expect(try Self.codes(entry) == ["unread_fields", "total_differs"])
        #expect(entry["residual_tokens"]?.integer == 10)
        #expect(entry["usage"]?["output_tokens"]?.integer == 310)
        #expect(try await Self.metric("unread_fields", team.server) > before)
    }

    @Test("stands beside its event where many are sent")
    func events() async throws {
        let team = try await Team()
        let events = [#"{"input_tokens":5}"#, Self.strange].enumerated().map { index, usage in
            #"{"id":"w-\#(index)","source":"\#(team.name)","team":"\#(team.name)","model":"claude-opus-4-5","usage":\#(usage)}"#
        }
        let answer = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        #expect(answer["accepted"]?.integer == 2)
        #expect(try Self.codes(answer) == ["unread_fields", "total_differs"])
        for warning in try answer.list("warnings") {
            #expect(warning["index"]?.integer == 1)
            #expect(try warning.text("id") == "w-1")
        }
    }

    @Test(
        "about a name or a tier with NUL in it is recorded, and so is a call of several passes, which verify finds right"
    )
    func recorded() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        let team = try await Team(on: server)
        let usages = [
            #"{"prompt_tokens":10,"completion_tokens":5,"x\u0000y":7,"service_tier":"a\u0000"}"#,
            #"{"iterations":[{"type":"compaction","input_tokens":10,"cache_read_input_tokens":1000,"output_tokens":5},{"type":"message","input_tokens":20,"cache_read_input_tokens":2000,"output_tokens":6}]}"#,
        ]
        let events = usages.enumerated().map { index, usage in
            #"{"id":"n-\#(index)","source":"\#(team.name)","team":"\#(team.name)","model":"claude-opus-4-5","usage":\#(usage)}"#
        }
        let answer = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        #expect(answer["accepted"]?.integer == 2, "\(answer.source)")
        let passes = try #require(try await team.entries().first { try $0.text("request_id") == "n-1" })
        try await Command.run(["verify", "--database-url", database.connection], as: nil).expect(0)
        #expect(passes["usage"]?.source == #"{"input_tokens":30,"cache_read_tokens":3000,"output_tokens":11}"#)
    }

    @Test("says as what a name was priced that the book does not have")
    func guessedName() async throws {
        let team = try await Team()
        for (model, codes) in [
            ("claude-opus-4-5", []), ("Claude-Opus-4-5", []), ("gpt-4o-2031-01-02", ["name_guessed"]),
        ] {
            let answer = try await team.admin.json(
                "POST", "/v1/quote", #"{"model":"\#(model)","usage":{"input_tokens":1}}"#)
            #expect(try Self.codes(answer) == codes, "\(model)")
            let verdict = try await team.authorize("g-\(model)", model: model)
            #expect(try Self.codes(verdict) == codes, "\(model)")
            // What is called is what was asked for, unless the book itself spells it otherwise.
            #expect(try verdict.text("model") == (codes.isEmpty ? "claude-opus-4-5" : model))
        }
    }

    @Test("stands in a quote")
    func quote() async throws {
        let admin = try await PurserServer.shared.admin
        let answer = try await admin.json(
            "POST", "/v1/quote", #"{"model":"claude-opus-4-5","usage":\#(Self.strange)}"#)
        #expect(try Self.codes(answer) == ["unread_fields", "total_differs"])
    }

    @Test(
        "says why a call has no price, and its hold is ended",
        arguments: [
            (#"{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null}"#, "null_counts"),
            (#"{"type":"message_delta","usage":{"output_tokens":15}}"#, "partial_stream"),
        ])
    func unpriced(usage: String, code: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        let hold = try await team.hold("w-2")
        let answer = try await team.admin.json("POST", "/v1/settle", #"{"hold_id":"\#(hold)","usage":\#(usage)}"#)
        #expect(answer["unpriced"]?.bool == true && answer["cost_usd"]?.isNull == true)
        #expect(try Self.codes(answer) == [code])
        #expect(try await team.budget().money("held_usd") == 0)
        let entry = try #require(try await team.entries().first)
        #expect(entry["unpriced"]?.bool == true)
    }

    @Test("of each pass of a call is kept with its context, by which it is rated again")
    func passes() async throws {
        let team = try await Team()
        let usage =
            #"{"iterations":[{"type":"compaction","input_tokens":150000,"output_tokens":500},{"type":"message","input_tokens":120000,"output_tokens":40}]}"#
        let answer = try await team.admin.json(
            "POST", "/v1/quote", #"{"model":"claude-sonnet-4-5","usage":\#(usage)}"#)
        // 270,000 × 3 + 540 × 15 on a million: no pass is above 200,000.
        #expect(try answer.money("cost_usd") == Decimal(string: "0.8181"))
    }

    @Test("is not there where the provider's own cost stands beside ours")
    func providerCost() async throws {
        let team = try await Team()
        let event =
            #"{"id":"c-1","source":"\#(team.name)","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"prompt_tokens":1200,"completion_tokens":310,"total_tokens":1510,"cost":0.02}}"#
        let answer = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(event)]}"#)
        #expect(try Self.codes(answer).isEmpty)
        let entry = try #require(try await team.entries().first)
        #expect(try entry.money("provider_cost_usd") == Decimal(string: "0.02"))
        #expect(try entry.money("cost_usd") == Decimal(string: "0.01375"))
    }
}
