import Foundation
import JSON
import Testing

/// `PATCH /v1/budgets/{id}` with `effective_from`, and `/v1/budgets/{id}/changes`.
@Suite struct PlannedChangeTests {
    private static let fields: [String: Shape] = [
        "number": .integer, "budget": .text, "effective_from": .time, "change": .object, "state": .text,
        "made_at": .time, "made_by": .text, "version": .orNull(.integer), "why_failed": .orNull(.text),
        "withdrawn_by": .orNull(.text),
    ]

    private static func patch(_ fields: String, inSeconds seconds: Double) -> String {
        #"{\#(fields),"effective_from":"\#(BoostTests.until(seconds: seconds))"}"#
    }

    private let team: Team
    private var changes: String { "\(team.budgetPath)/changes" }

    init() async throws {
        team = try await Team()
        try await team.setBudget(more: #","owner":"company""#)
    }

    @Test("a change is made at its time, on top of what was changed meanwhile, by the token that asked for it")
    func made() async throws {
        let finance = try await team.token("finance")
        let planned = try await finance.json(
            "PATCH", team.budgetPath, Self.patch(#""limit_usd":"800","reason":"next phase""#, inSeconds: 3),
            status: 201)
        planned.expect(Self.fields)
        #expect(try planned.text("state") == "planned")
        #expect(planned["change"]?.source == #"{"limit_usd":"800","reason":"next phase"}"#)
        #expect(try await team.budget().money("limit_usd") == 500)
        _ = try await team.admin.json("PATCH", team.budgetPath, #"{"enforcement":"soft"}"#)
        try await Eventually.holds("the change was not made") { try await team.budget().money("limit_usd") == 800 }
        let budget = try await team.budget()
        #expect(try budget.text("enforcement") == "soft" && budget.money("window_limit_usd") == 800)
        #expect(budget["version"]?.integer == 3)
        let listed = try await team.admin.json("GET", changes).list("changes")
        #expect(try listed.map { try $0.text("state") } == ["made"])
        #expect(listed[0]["version"]?.integer == 3)
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(try history[2].text("changed_by") == planned.text("made_by"))
        #expect(try history[2].text("reason") == "next phase")
    }

    @Test("a change that is withdrawn is not made, and one whose budget is another's by then fails and says why")
    func notMade() async throws {
        let withdrawn = try await team.admin.json(
            "PATCH", team.budgetPath, Self.patch(#""limit_usd":"900""#, inSeconds: 600), status: 201)
        let place = "\(changes)/\(try #require(withdrawn["number"]?.integer))"
        let own = try await team.token("team")
        try await own.send("DELETE", place).expectProblem(403, "forbidden")
        #expect(try await team.admin.send("DELETE", place).status == 204)
        try await team.admin.send("DELETE", "\(changes)/999999999").expectProblem(404, "not_found")
        let finance = try await team.token("finance")
        _ = try await finance.json(
            "PATCH", team.budgetPath, Self.patch(#""limit_usd":"900""#, inSeconds: 3), status: 201)
        _ = try await team.admin.json("PATCH", team.budgetPath, #"{"owner":"team"}"#)
        try await Eventually.holds("the change did not fail") {
            try await team.admin.json("GET", changes).list("changes")[0].text("state") == "failed"
        }
        let listed = try await team.admin.json("GET", changes).list("changes")
        for change in listed { change.expect(Self.fields) }
        #expect(try listed.map { try $0.text("state") } == ["failed", "withdrawn"])
        #expect(try listed[0].text("why_failed").contains("is a budget of a team"))
        #expect(try await team.budget().money("limit_usd") == 500)
    }

    @Test("what cannot be planned is refused now, by the field that is wrong")
    func mistakes() async throws {
        for (fields, seconds, pointer) in [
            (#""limit_usd":"1""#, -5.0, "/effective_from"), (#""limit_usd":"1""#, 500 * 86_400, "/effective_from"),
            (#""limit_calls":1"#, 60, "/limit_calls"), (#""period":"day""#, 60, "/period"),
            (#""limit_usd":"x""#, 60, "/limit_usd"),
        ] {
            try await team.admin.send("PATCH", team.budgetPath, Self.patch(fields, inSeconds: seconds))
                .expectProblem(422, "invalid_fields", pointer: pointer)
        }
        try await team.token("team").send(
            "PATCH", team.budgetPath, Self.patch(#""limit_usd":"900""#, inSeconds: 60)
        ).expectProblem(403, "forbidden")
        #expect(try await team.admin.json("GET", changes).list("changes").isEmpty)
    }

    @Test("the command plans a change from a day on, and lists what is planned")
    func command() async throws {
        let day = BoostTests.until(seconds: 3 * 86_400).prefix(10)
        let change = ["budget", "change", team.budgetID, "--limit", "400", "--from", String(day)]
        let planned = try await team.purser(change)
        planned.expect(0, output: true)
        #expect(planned.errors == "\(team.budgetID): from \(day) 00:00 UTC on: limit $500 → $400\n")
        try await team.purser("budget", "change", team.budgetID, "--limit", "600", "--from", String(day))
            .expect(2, output: false)
        let listed = try await team.purser("budget", "changes", team.budgetID)
        listed.expect(0, output: true, errors: false)
        #expect(listed.lines.count == 2 && listed.output.contains("limit_usd=400"), "\(listed.output)")
    }
}
