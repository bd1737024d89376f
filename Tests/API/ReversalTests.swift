import Foundation
import JSON
import Testing

@Suite("/v1/usage/reversals") struct ReversalTests {
    private static func file(_ team: Team) -> String {
        "id,source,team,model,input_tokens\nf-1,s-\(team.name),\(team.name),claude-opus-4-5,1000\nf-2,s-\(team.name),\(team.name),claude-opus-4-5,1000\n"
    }

    @Test("finance imports a file and takes it back, whole or by ids, once")
    func reverse() async throws {
        let team = try await Team()
        let finance = try await team.token("finance")
        let file = Self.file(team)
        try await team.purser("usage", "import", "--format", "csv", "-", as: finance, input: file).expect(0)
        let body = #"{"source":"s-\#(team.name)","ids":["f-1","nope"],"reason":"sent twice"}"#
        let answer = try await finance.json("POST", "/v1/usage/reversals", body)
        answer.expect([
            "reversed": .integer, "already_reversed": .integer, "remaining": .integer, "difference_usd": .money,
            "unknown_ids": .list,
            "entries": .list,
        ])
        for entry in try answer.list("entries") {
            entry.expect(["id": .text, "entry_id": .text, "reverses_entry_id": .text, "cost_usd": .money])
        }
        #expect(answer["reversed"]?.integer == 1 && answer.source.contains(#""unknown_ids":["nope"]"#))
        let again = try await finance.json("POST", "/v1/usage/reversals", body)
        #expect(again["reversed"]?.integer == 0 && again["already_reversed"]?.integer == 1)
        let rest = try await team.purser(
            "usage", "reverse", "--file", "-", "--format", "csv", "--reason", "wrong team", as: finance, input: file)
        rest.expect(0, output: true, errors: false)
        #expect(rest.output == "1 event taken back, 1 before, 0 not found\n")
        let entries = try await team.entries()
        #expect(try entries.map { try $0.text("kind") }.sorted() == ["reversal", "reversal", "usage", "usage"])
        #expect(try entries.map { try $0.money("cost_usd") }.reduce(0, +) == 0)
        // What was all taken back is a known 0.
        for name in ["spend", "monthly", "users"] {
            let report = try await finance.json("GET", "/v1/reports/\(name)?team=\(team.name)")
            #expect(try report.list("rows").allSatisfy { try $0.money("cost_usd") == 0 }, "\(report.source)")
        }
        let unknown = try await team.purser(
            "usage", "reverse", "--source", "s-\(team.name)", "--id", "no", "--reason", "r", as: finance)
        unknown.expect(1, output: true, errors: true)
    }

    @Test("an import that has a name is listed and taken back by it, and leaves what an earlier one had brought")
    func batch() async throws {
        let team = try await Team()
        let finance = try await team.token("finance")
        func file(_ ids: [String]) -> String {
            "id,source,team,model,input_tokens\n"
                + ids.map { "\($0),s-\(team.name),\(team.name),claude-opus-4-5,1000\n" }.joined()
        }
        let (early, late) = ("early-\(team.name)", "late-\(team.name)")
        func take(_ ids: [String], _ batch: String) async throws -> Command {
            try await team.purser(
                "usage", "import", "--format", "csv", "-", "--batch", batch, as: finance, input: file(ids))
        }
        try await take(["a", "b"], early).expect(0)
        #expect(try await take(["b", "c", "d"], late).output == "2 accepted, 1 duplicate, 0 rejected\n")
        let listed = try await finance.json("GET", "/v1/usage?batch=\(late)").list("entries")
        #expect(try listed.map { try $0.text("request_id") }.sorted() == ["c", "d"])
        #expect(try listed.allSatisfy { try $0.text("batch") == late })
        let command = try await team.purser("usage", "reverse", "--batch", late, "--reason", "wrong", as: finance)
        command.expect(0)
        #expect(command.output == "2 events taken back, 0 before\n")
        let again = try await finance.json("POST", "/v1/usage/reversals", #"{"batch":"\#(late)","reason":"r"}"#)
        #expect(again["reversed"]?.integer == 0 && again["already_reversed"]?.integer == 2)
        let left = try await finance.json("GET", "/v1/reports/spend?team=\(team.name)").list("rows")
        #expect(left.map { $0["calls"]?.integer } == [2])
        // Who sends again what was taken back is told that this records nothing.
        for mode in ["", "&dry_run=true"] {
            let event =
                #"{"id":"c","source":"s-\#(team.name)","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"input_tokens":1000}}"#
            let answer = try await finance.json("POST", "/v1/usage?batch=\(late)\(mode)", #"{"events":[\#(event)]}"#)
            #expect(answer["duplicates"]?.integer == 1)
            #expect(try answer.list("warnings").map { try $0.text("code") } == ["taken_back"])
        }
    }

    @Test(
        "a batch is taken back alone, and only one that there is",
        arguments: [
            (#"{"batch":"no-such-batch","reason":"r"}"#, 404), (#"{"batch":"b","ids":["x"],"reason":"r"}"#, 422),
            (#"{"batch":"b","source":"s","reason":"r"}"#, 422), (#"{"batch":"","reason":"r"}"#, 422),
            (#"{"source":"s","reason":"r"}"#, 422), (#"{"batch":7,"reason":"r"}"#, 422), (#"{"reason":"r"}"#, 422),
        ])
    func refused(body: String, status: Int) async throws {
        #expect(try await PurserServer.shared.admin.send("POST", "/v1/usage/reversals", body).status == status)
    }

    @Test("a reversal takes no other team's event of the same source and id")
    func teams() async throws {
        let (one, other) = (try await Team(), try await Team())
        let source = "s-\(one.name)"
        for team in [one, other] {
            let event =
                #"{"events":[{"id":"same","source":"\#(source)","team":"\#(team.name)","model":"claude-opus-4-5","usage":{"input_tokens":1000}}]}"#
            #expect(try await team.admin.json("POST", "/v1/usage", event)["accepted"]?.integer == 1)
        }
        let refused = try await one.admin.send(
            "POST", "/v1/usage/reversals", #"{"source":"\#(source)","ids":["same"],"reason":"r"}"#)
        try refused.expectProblem(422, "invalid_fields", pointer: "/team")
        #expect(refused.text.contains(one.name) && refused.text.contains(other.name))
        try await one.purser(
            "usage", "reverse", "--source", source, "--id", "same", "--team", one.name, "--reason", "r", as: one.admin
        ).expect(0)
        #expect(try await one.entries().map { try $0.money("cost_usd") }.reduce(0, +) == 0)
        #expect(try await other.entries().map { try $0.money("cost_usd") }.reduce(0, +) > 0)
        try await one.admin.send(
            "POST", "/v1/usage/reversals", #"{"source":"\#(source)","team":"no-such-team","ids":["same"],"reason":"r"}"#
        ).expectProblem(422, "unknown_team", pointer: "/team")
    }

    @Test(
        "refuses what it does not understand",
        arguments: [
            (#"{"ids":["a"],"reason":"r"}"#, "/source"), (#"{"source":"s","reason":"r"}"#, "/ids"),
            (#"{"source":"s","ids":[],"reason":"r"}"#, "/ids"), (#"{"source":"s","ids":[1],"reason":"r"}"#, "/ids"),
            (#"{"source":"s","ids":["a"]}"#, "/reason"), (#"{"source":"s","ids":["a"],"reason":"r","x":1}"#, "/x"),
        ])
    func refused(body: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("POST", "/v1/usage/reversals", body)
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }
}
