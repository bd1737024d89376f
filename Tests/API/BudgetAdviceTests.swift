import Foundation
import JSON
import Testing

@Suite("A budget that was accepted") struct BudgetAdviceTests {
    private static func codes(_ answer: JSONValue) throws -> [String] {
        try answer.list("warnings").map { try $0.text("code") }
    }

    private static func put(_ team: Team, _ scope: String, _ more: String = "") async throws -> JSONValue {
        try await team.admin.json(
            "PUT", "/v1/budgets/\(team.name)-\(UUID().uuidString.prefix(8))",
            #"{"scope":{\#(scope)},"period":"month","limit_usd":"5"\#(more)}"#, status: 201)
    }

    @Test(
        "warns of a scope that counts nothing, and says that a model's snapshots are counted",
        arguments: [
            (#""model":"gpt-4oo""#, ["model_unknown"]), (#""model":"gpt-4o""#, ["counts_snapshots"]),
            (#""model":"gpt-4o-2024-08-06""#, []), (#""model":"gpt-4o","provider":"anthropic""#, ["model_unknown"]),
            (#""provider":"opnai""#, ["provider_unknown"]), (#""provider":"OpenAI""#, []), ("", []),
        ])
    func scopes(scope: String, codes: [String]) async throws {
        let team = try await Team()
        let comma = scope.isEmpty ? "" : ","
        let budget = try await Self.put(team, #""team":"\#(team.name)"\#(comma)\#(scope)"#)
        #expect(try Self.codes(budget) == codes, "\(budget.source)")
        if codes == ["counts_snapshots"] {
            #expect(try budget.list("warnings")[0].text("message").contains("gpt-4o-2024"))
        }
    }

    @Test("warns of a threshold without a ladder until there is one, and of alerts that reach nobody until they do")
    func withoutEffect() async throws {
        let team = try await Team()
        let scope = #""team":"\#(team.name)","feature":"f""#
        let more = #","downgrade_at":0.8,"alert_at":[0.5]"#
        #expect(try Self.codes(await Self.put(team, scope, more)) == ["downgrades_nothing", "nobody_listens"])
        #expect(
            try Self.codes(await Self.put(team, scope, more + #","enforcement":"shadow""#))
                == ["downgrades_nothing", "nobody_listens"])
        _ = try await team.admin.json(
            "PUT", "/v1/ladders/\(team.name)/other", #"{"models":["claude-opus-4-5","claude-haiku-4-5"]}"#)
        #expect(try Self.codes(await Self.put(team, scope, more)).contains("downgrades_nothing"))
        try await team.setLadderAndAlert()
        #expect(try Self.codes(await Self.put(team, scope, more)).isEmpty)
    }

    @Test(
        "warns of pacing without a ladder, and of a shadow budget's",
        arguments: [("hard", false, true), ("soft", false, true), ("soft", true, false), ("shadow", true, true)])
    func pacing(enforcement: String, hasLadder: Bool, isWarned: Bool) async throws {
        let team = try await Team()
        if hasLadder { try await team.setLadderAndAlert() }
        let budget = try await Self.put(
            team, #""team":"\#(team.name)""#, #","enforcement":"\#(enforcement)","pacing":true"#)
        #expect(try Self.codes(budget) == (isWarned ? ["downgrades_nothing"] : []))
    }

    @Test(
        "warns of a threshold above the limit where nothing is ever spent above it",
        arguments: [("hard", "1.000001", true), ("hard", "1", false), ("soft", "2", false)])
    func aboveLimit(enforcement: String, share: String, isWarned: Bool) async throws {
        let team = try await Team()
        try await team.setLadderAndAlert()
        let budget = try await Self.put(
            team, #""team":"\#(team.name)""#, #","enforcement":"\#(enforcement)","downgrade_at":\#(share)"#)
        #expect(try Self.codes(budget) == (isWarned ? ["downgrades_nothing"] : []))
        guard isWarned else { return }
        let warning = try #require(try budget.list("warnings").first)
        #expect(try warning.text("message").contains("from 100.0001% on"))
    }

    @Test(
        "warns of days that begin elsewhere than those of reports",
        arguments: [("Europe/Berlin", "month", ["other_time_zone"]), ("UTC", "month", []), ("Asia/Tokyo", "total", [])])
    func zones(zone: String, period: String, codes: [String]) async throws {
        let team = try await Team()
        let budget = try await team.admin.json(
            "PUT", team.budgetPath,
            #"{"scope":{"team":"\#(team.name)"},"period":"\#(period)","time_zone":"\#(zone)","limit_usd":"5"}"#,
            status: 201)
        #expect(try Self.codes(budget) == codes)
    }

    @Test("is told of by the command, on standard error")
    func command() async throws {
        let team = try await Team()
        for arguments in [
            ["budget", "set", team.budgetID, "--team", team.name, "--model", "gpt-4oo", "--limit", "5"],
            ["budget", "show", team.budgetID],
        ] {
            let run = try await team.purser(arguments)
            run.expect(0, output: true)
            #expect(run.errors.contains("Warning: The price book has no gpt-4oo"), "\(run.errors)")
        }
    }
}
