import Foundation
import JSON
import Testing

@Suite struct UsageTests {
    static let entryFields: [String: Shape] = [
        "entry_id": .text, "recorded_at": .time, "occurred_at": .time, "kind": .text,
        "corrects_entry_id": .orNull(.text), "team": .text,
        "feature": .orNull(.text), "user": .orNull(.text), "run": .orNull(.text), "tags": .object,
        "request_id": .text, "requested_model": .text, "model": .text, "provider": .text,
        "service_tier": .text, "region": .orNull(.text), "status": .text, "attempt": .integer, "usage": .object,
        "input_tokens": .integer, "output_tokens": .integer, "residual_tokens": .integer,
        "cost_usd": .orNull(.money), "list_cost_usd": .orNull(.money), "unpriced": .flag,
        "provider_cost_usd": .orNull(.money), "provider_request_id": .orNull(.text), "batch": .orNull(.text),
        "warnings": .list,
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
        answer.expect(["accepted": .integer, "duplicates": .integer, "rejected": .list, "warnings": .list])
        #expect(answer["accepted"]?.integer == 2 && answer["duplicates"]?.integer == 1)
        let rejected = try answer.list("rejected")
        for rejection in rejected {
            rejection.expect(["index": .integer, "id": .orNull(.text), "code": .text, "detail": .text, "errors": .list])
        }
        #expect(rejected.map { $0["index"]?.integer } == [3, 4, 5])
        #expect(
            try rejected.map { try $0.text("code") } == ["unknown_team", "idempotency_conflict", "invalid_fields"])
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.0275"))

        let entries = try await team.entries()
        for entry in entries { entry.expect(Self.entryFields) }
        #expect(Set(try entries.map { try $0.text("request_id") }) == ["e-1", "e-2"])
    }

    @Test("a dry run answers what recording would, and records nothing")
    func dryRun() async throws {
        let team = try await Team()
        try await team.setBudget()
        let other = try await Team()
        _ = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(Self.event("e-1", team.name))]}"#)
        let theirs = Self.event("e-1", other.name).replacing("job-\(other.name)", with: "job-\(team.name)")
        let events = [
            Self.event("e-1", team.name), Self.event("e-2", team.name), Self.event("e-2", team.name),
            Self.event("e-1", team.name, outputTokens: 5), theirs, Self.event("e-3", "no-such-team"),
        ]
        let body = #"{"events":[\#(events.joined(separator: ","))]}"#
        let spent = try await team.budget().money("spent_usd")
        let trial = try await team.admin.json("POST", "/v1/usage?dry_run=true", body)
        #expect(try await team.entries().count == 1)
        #expect(try await team.budget().money("spent_usd") == spent)
        let recorded = try await team.admin.json("POST", "/v1/usage", body)
        for answer in [trial, recorded] {
            #expect(answer["accepted"]?.integer == 2 && answer["duplicates"]?.integer == 2)
            let rejected = try answer.list("rejected")
            #expect(rejected.map { $0["index"]?.integer } == [3, 5])
            #expect(try rejected.map { try $0.text("code") } == ["idempotency_conflict", "unknown_team"])
        }
        try await team.admin.send("POST", "/v1/usage?dry_run=yes", body)
            .expectProblem(422, "invalid_fields", pointer: "/dry_run")
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

    @Test("the id of an entry stands for those of its server that follow it")
    func tail() async throws {
        let team = try await Team()
        let events = (1...5).map { Self.event("t-\($0)", team.name) }.joined(separator: "\n")
        _ = try await team.admin.send("POST", "/v1/usage", events, type: "application/x-ndjson")
        let newest = try await team.admin.json("GET", "/v1/usage?team=\(team.name)&limit=2")
        newest.expect(["entries": .list, "next": .text, "more": .flag])
        #expect(try newest.list("entries").count == 2)
        let all = try await team.entries()
        let after = try await team.admin.json("GET", "/v1/usage?team=\(team.name)&after=\(all[2].text("entry_id"))")
        #expect(try after.list("entries").map { try $0.text("entry_id") } == all[3...].map { try $0.text("entry_id") })
    }

    @Test("whoever asks again with what the last answer gave as next gets every entry of every server once")
    func following() async throws {
        let own = try await OwnDatabase.migrated()
        let directories = try (0..<3).map { _ in try ScratchDirectory() }
        let first = try await PurserServer(in: directories[0], database: own.connection)
        let second = try await PurserServer(in: directories[1], database: own.connection)
        let (team, other) = (try await Team(on: first), try await Team(on: first))
        var sent: [String] = []
        func report(_ servers: [PurserServer], of team: Team) async throws {
            for server in servers {
                let ids = (1...3).map { "f-\(sent.count + $0)" }
                let events = ids.map { Self.event($0, team.name) }.joined(separator: "\n")
                _ = try await server.admin.send("POST", "/v1/usage", events, type: "application/x-ndjson")
                sent += ids
            }
        }
        try await report([first, second, first], of: team)
        // The servers that are asked take turns as well.
        let newest = try await second.admin.json("GET", "/v1/usage?limit=4")
        #expect(try newest.list("entries").map { try $0.text("request_id") } == sent.suffix(4))
        var position = try newest.text("next")
        var got: [String] = []
        func follow(_ servers: [PurserServer]) async throws {
            var answer: JSONValue
            repeat {
                answer = try await servers[got.count % servers.count].admin.json(
                    "GET", "/v1/usage?after=\(position)&limit=4&team=\(team.name)")
                position = try answer.text("next")
                got += try answer.list("entries").map { try $0.text("request_id") }
            } while answer["more"]?.bool == true
        }
        let before = sent.count
        try await report([second, first], of: team)
        try await follow([first, second])
        try await report([first, second], of: team)
        let others = sent.count
        try await report([second], of: other)
        let third = try await PurserServer(in: directories[2], database: own.connection)
        try await report([third, first, second], of: team)
        try await follow([third, first])
        try await follow([second])
        let expected = sent[before..<others] + sent[(others + 3)...]
        #expect(got.sorted() == expected.sorted())
    }
}
