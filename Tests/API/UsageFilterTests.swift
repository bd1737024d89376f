import Foundation
import JSON
import Testing

@Suite("The list of entries") struct UsageFilterTests {
    private static func fill(_ team: Team) async throws {
        let calls = [
            ("f-1", "ann", "r1", "a", "claude-opus-4-5"), ("f-2", "ann", "r2", "b", "claude-haiku-4-5"),
            ("f-3", "bob", "r1", "a", "claude-opus-4-5"),
        ]
        for (id, user, run, tag, model) in calls {
            let more = #","feature":"\#(id)","user":"\#(user)","run":"\#(run)","tags":{"env":"\#(tag)"}"#
            let hold = try await team.authorize(id, model: model, more: more).text("hold_id")
            _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(hold))
        }
    }

    @Test("has those alone that every filter lets through, first and as they arrive")
    func filters() async throws {
        let team = try await Team()
        let path = "/v1/usage?team=\(team.name)"
        let start = try await team.admin.json("GET", path).text("next")
        try await Self.fill(team)
        let cases = [
            ("user=ann", ["f-1", "f-2"]), ("run=r1", ["f-1", "f-3"]), ("user=ann&run=r1", ["f-1"]),
            ("tag:env=b", ["f-2"]),
            ("model=claude-opus-4-5&tag:env=a", ["f-1", "f-3"]), ("feature=f-3", ["f-3"]), ("request_id=f-2", ["f-2"]),
            ("user=nobody", []), ("from=2020-01-01&to=2020-02-01", []), ("from=2020-01-01", ["f-1", "f-2", "f-3"]),
            ("from=2020-01-01T00:00:00Z&user=bob", ["f-3"]),
        ]
        for (query, ids) in cases {
            let first = try await team.admin.json("GET", "\(path)&\(query)").list("entries")
            #expect(try first.map { try $0.text("request_id") } == ids, "\(query)")
            for entry in first { entry.expect(UsageTests.entryFields) }
            let following = try await team.admin.json("GET", "\(path)&\(query)&limit=1000&after=\(start)").list(
                "entries")
            #expect(try following.map { try $0.text("request_id") } == ids, "\(query)")
        }
        let words = [
            "usage", "tail", "--once", "--output", "csv", "--team", team.name, "--user", "ann", "--tag", "env=b",
        ]
        let tail = try await team.purser(words, as: team.admin)
        tail.expect(0, output: true, errors: false)
        #expect(tail.output.contains("f-2") && !tail.output.contains("f-1") && !tail.output.contains("f-3"))
    }

    @Test(
        "refuses a filter that is none",
        arguments: [
            ("from=yesterday", "/from"), ("from=2026-10-02&to=2026-10-01", "/to"), ("tag:=x", "/tag:"),
            ("users=ann", "/users"),
        ])
    func wrong(query: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("GET", "/v1/usage?\(query)")
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }
}
