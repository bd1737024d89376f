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
            "reversed": .integer, "already_reversed": .integer, "difference_usd": .money, "unknown_ids": .list,
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
