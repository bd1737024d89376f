import Foundation
import JSON
import Testing

@Suite struct UsageTests {
    static let entryFields: [String: Shape] = [
        "entry_id": .text, "recorded_at": .time, "occurred_at": .time, "kind": .text,
        "corrects_entry_id": .orNull(.text), "team": .text,
        "feature": .orNull(.text), "request_id": .text, "requested_model": .text, "model": .text, "provider": .text,
        "service_tier": .text, "status": .text, "input_tokens": .integer, "output_tokens": .integer,
        "cost_usd": .orNull(.money), "list_cost_usd": .orNull(.money), "unpriced": .flag,
    ]

    private static func event(_ id: String, _ team: String, outputTokens: Int = 310) -> String {
        #"""
        {"id":"\#(id)","source":"job-\#(team)","team":"\#(team)","feature":"nightly","model":"claude-opus-4-5",
        "provider":"anthropic","service_tier":"standard","usage":{"input_tokens":1200,"output_tokens":\#(outputTokens)}}
        """#.replacing("\n", with: "")
    }

    @Test(
        "events are accepted, counted as duplicates or rejected with the reason, and charge budgets",
        arguments: ["application/json", "application/x-ndjson"])
    func record(type: String) async throws {
        let team = try await Team()
        try await team.setBudget()
        let events = [
            Self.event("e-1", team.name), Self.event("e-2", team.name), Self.event("e-1", team.name),
            Self.event("e-3", "no-such-team"), Self.event("e-2", team.name, outputTokens: 5),
            #"{"id":"e-4","team":"\#(team.name)","usage":{}}"#,
        ]
        let body =
            type == "application/json"
            ? #"{"events":[\#(events.joined(separator: ","))]}"# : events.joined(separator: "\n") + "\n"
        let reply = try await team.admin.send("POST", "/v1/usage", body, type: type)
        try #require(reply.status == 200, "\(reply.text)")
        let answer = try reply.json
        answer.expect(["accepted": .integer, "duplicates": .integer, "rejected": .list])
        #expect(answer["accepted"]?.integer == 2 && answer["duplicates"]?.integer == 1)
        let rejected = try answer.list("rejected")
        for rejection in rejected {
            rejection.expect(["index": .integer, "id": .orNull(.text), "code": .text, "detail": .text])
        }
        #expect(rejected.map { $0["index"]?.integer } == [3, 4, 5])
        #expect(
            try rejected.map { try $0.text("code") } == ["unknown_team", "idempotency_conflict", "invalid_fields"])
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.0275"))

        let entries = try await team.entries()
        for entry in entries { entry.expect(Self.entryFields) }
        #expect(Set(try entries.map { try $0.text("request_id") }) == ["e-1", "e-2"])
    }

    @Test("a cost that no call has is rejected, and nothing of it is summed")
    func tooDear() async throws {
        let team = try await Team()
        try await team.setBudget()
        let events = (0..<3).map { number in
            Self.event("dear-\(number)", team.name)
                .replacing(#""usage":{"#, with: #""usage":{"web_searches":900000000000,"#)
        }
        let reply = try await team.admin.send("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        let rejected = try reply.json.list("rejected")
        #expect(try rejected.map { try $0.text("code") } == Array(repeating: "invalid_fields", count: 3))
        #expect(try await team.budget().money("spent_usd") == 0)
    }

    @Test("a model's name has one spelling, however its accents were put together")
    func spelling() async throws {
        let team = try await Team()
        let events = ["caf\u{e9}", "cafe\u{301}"].enumerated().map { index, model in
            Self.event("s-\(index)", team.name).replacing("claude-opus-4-5", with: model)
        }
        let reply = try await team.admin.send("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        #expect(try reply.json["accepted"]?.integer == 2)
        let names = try await team.entries().map { Array(try $0.text("model").utf8) }
        #expect(names == Array(repeating: Array("caf\u{e9}".utf8), count: 2))
    }

    @Test("a line that is not JSON is rejected alone")
    func brokenLine() async throws {
        let team = try await Team()
        let body = "\(Self.event("n-1", team.name))\n{\"id\":\n\n\(Self.event("n-2", team.name))"
        let reply = try await team.admin.send("POST", "/v1/usage", body, type: "application/x-ndjson")
        let answer = try reply.json
        #expect(answer["accepted"]?.integer == 2)
        #expect(try answer.list("rejected").map { try $0.text("code") } == ["malformed_json"])
    }

    @Test(
        "more than 10,000 events are refused, however they come",
        arguments: ["application/json", "application/x-ndjson"])
    func tooMany(type: String) async throws {
        let admin = try await PurserServer.shared.admin
        let isJSON = type == "application/json"
        let list = Array(repeating: "{}", count: 10_001).joined(separator: isJSON ? "," : "\n")
        try await admin.send("POST", "/v1/usage", isJSON ? #"{"events":[\#(list)]}"# : list, type: type)
            .expectProblem(422, "invalid_fields", pointer: "/events")
    }

    @Test("events happened in the last 400 days and at most 5 minutes ahead")
    func occurredAt() async throws {
        let team = try await Team()
        func outcome(_ id: String, secondsFromNow: Double) async throws -> JSONValue {
            let time = Date(timeIntervalSinceNow: secondsFromNow).formatted(.iso8601)
            return try await team.admin.json(
                "POST", "/v1/usage",
                #"""
                {"events":[{"id":"\#(id)","team":"\#(team.name)","model":"claude-opus-4-5","occurred_at":"\#(time)",
                "usage":{"input_tokens":1}}]}
                """#)
        }
        for (id, seconds) in [("now", 0.0), ("late", -399 * 86_400), ("early", 240)] {
            #expect(try await outcome(id, secondsFromNow: seconds)["accepted"]?.integer == 1, "\(id)")
        }
        for (id, seconds) in [("too-late", -401 * 86_400.0), ("too-early", 360)] {
            let rejected = try await outcome(id, secondsFromNow: seconds).list("rejected")
            #expect(try rejected.map { try $0.text("code") } == ["invalid_fields"], "\(id)")
        }
        #expect(try await team.entries().count == 3)
    }

    @Test("the newest entries follow on from one another")
    func tail() async throws {
        let team = try await Team()
        let events = (1...5).map { Self.event("t-\($0)", team.name) }.joined(separator: "\n")
        _ = try await team.admin.send("POST", "/v1/usage", events, type: "application/x-ndjson")
        let newest = try await team.admin.json("GET", "/v1/usage?team=\(team.name)&limit=2").list("entries")
        #expect(newest.count == 2)
        let all = try await team.entries()
        let after = try await team.admin.json("GET", "/v1/usage?team=\(team.name)&after=\(all[2].text("entry_id"))")
        #expect(try after.list("entries").map { try $0.text("entry_id") } == all[3...].map { try $0.text("entry_id") })
    }
}
