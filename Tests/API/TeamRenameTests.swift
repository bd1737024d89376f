import Foundation
import JSON
import Testing

/// `POST /v1/teams/{team}/rename`, and everything that a team had before.
@Suite("A team that is renamed") struct TeamRenameTests {
    private static func rename(_ team: Team, to name: String, as client: Client? = nil) async throws -> Reply {
        try await (client ?? team.admin).send(
            "POST", "/v1/teams/\(team.name)/rename", #"{"name":"\#(name)","reason":"new department"}"#)
    }

    private static func codes(_ answer: JSONValue) throws -> [String] {
        try answer.list("warnings").map { try $0.text("code") }
    }

    @Test("keeps its money, its calls in flight and its tokens, under both names")
    func everything() async throws {
        let team = try await Team()
        let name = "\(team.name)-new"
        try await team.setLadderAndAlert()
        try await team.setBudget(limit: "1")
        let (router, own) = (try await team.token("router", ofTeam: true), try await team.token("team"))
        let (spent, flying) = (try await team.hold("r-1"), try await team.hold("r-2"))
        _ = try await router.json("POST", "/v1/settle", Team.settlement(spent))
        let reply = try await Self.rename(team, to: name)
        #expect(reply.status == 200, "\(reply.text)")
        #expect(try reply.json.text("name") == name && reply.json["former_names"]?.source == #"["\#(team.name)"]"#)

        _ = try await router.json("POST", "/v1/settle", Team.settlement(flying))
        let budget = try await own.json("GET", team.budgetPath)
        #expect(try budget.money("spent_usd") == Decimal(string: "0.0275"))
        #expect(budget["scope"]?.source == #"{"team":"\#(name)"}"#)
        let old = try await router.json("POST", "/v1/authorize", team.call("r-3"))
        #expect(try Self.codes(old) == ["moved"] && old.text("verdict") == "admit")
        #expect(
            try old.list("warnings")[0].text("message") == "\(team.name) is called \(name) now: name that.")
        let call = team.call("r-3").replacing(#""team":"\#(team.name)""#, with: #""team":"\#(name)""#)
        let new = try await router.json("POST", "/v1/authorize", call)
        #expect(try Self.codes(new).isEmpty && new.text("hold_id") == old.text("hold_id"))
        let settled = try await router.json("POST", "/v1/authorize", team.call("r-1"))
        #expect(settled["reason"]?["code"]?.string == "request_settled")
        #expect(try Self.codes(settled) == ["moved"])
    }

    @Test("has one name in lists and reports, whichever of both is asked for")
    func oneName() async throws {
        let team = try await Team()
        let name = "\(team.name)-new"
        try await team.setLadderAndAlert()
        try await team.setBudget()
        _ = try await team.token("team")
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(try await team.hold("r-1")))
        _ = try await Self.rename(team, to: name)
        for asked in [team.name, name] {
            let lists: [(String, StaticString)] = [
                ("usage", "entries"), ("ladders", "ladders"), ("alerts", "alerts"), ("reports/monthly", "rows"),
                ("reports/budgets", "rows"),
            ]
            for (path, field) in lists {
                let rows = try await team.admin.json("GET", "/v1/\(path)?team=\(asked)").list(field)
                #expect(rows.map { $0["team"]?.string } == [name], "\(path)")
            }
            let status = try await team.admin.json("GET", "/v1/status?team=\(asked)")
            #expect(try status.text("team") == name && status.list("budgets").count == 1)
            #expect(status["cost_usd"]?.string != nil)
            let ladder = try await team.admin.json("GET", "/v1/ladders/\(asked)")
            #expect(try ladder.text("team") == name)
            let scope = #""scope":{"team":"\#(asked)"}"#
            _ = try await team.admin.json(
                "PUT", team.budgetPath, "{\(scope),\"period\":\"month\",\"limit_usd\":\"400\"}")
            _ = try await team.admin.json("PATCH", team.budgetPath, "{\(scope),\"limit_usd\":\"300\"}")
        }
        let tokens = try await team.admin.json("GET", "/v1/tokens").list("tokens")
        #expect(tokens.contains { $0["team"]?.string == name } && !tokens.contains { $0["team"]?.string == team.name })
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.count == 5 && history.allSatisfy { $0["scope"]?["team"]?.string == name })
        try await team.verify()
    }

    @Test("leaves its name to nobody else, and may have it again")
    func names() async throws {
        let (team, other) = (try await Team(), try await Team())
        let name = "\(team.name)-new"
        _ = try await Self.rename(team, to: name)
        try await team.admin.send("PUT", "/v1/teams/\(team.name)").expectProblem(409, "team_renamed")
        #expect(try await team.admin.send("PUT", "/v1/teams/\(name)").status == 200)
        try await Self.rename(other, to: team.name).expectProblem(409, "team_renamed")
        for (renamed, taken) in [(other, name), (team, other.name)] {
            try await Self.rename(renamed, to: taken).expectProblem(422, "invalid_fields", pointer: "/name")
        }
        #expect(try await Self.rename(team, to: name).status == 200)
        #expect(try await Self.rename(team, to: team.name).json.text("name") == team.name)
        #expect(try await team.admin.send("PUT", "/v1/teams/\(team.name)").status == 200)
        try await team.admin.send("PUT", "/v1/teams/\(name)").expectProblem(409, "team_renamed")
        let moves = try await team.admin.json("GET", "/v1/moves?team=\(name)").list("moves")
        #expect(moves.map { $0["to"]?["team"]?.string } == [team.name, name])
        #expect(moves.map { $0["from"]?["team"]?.string } == [name, team.name])
        #expect(moves[0]["reason"]?.string == "new department")
    }

    @Test("is renamed by finance and admin alone", arguments: [("router", 403), ("team", 403), ("finance", 200)])
    func roles(role: String, status: Int) async throws {
        let team = try await Team()
        let reply = try await Self.rename(team, to: "\(team.name)-new", as: try await team.token(role))
        #expect(reply.status == status, "\(reply.text)")
    }

    @Test("is told by purser team rename what that means, and by purser team list how it was called")
    func command() async throws {
        let team = try await Team()
        let rename = ["team", "rename", team.name, "\(team.name)-new"]
        let asked = try await team.purser(rename)
        asked.expect(2, output: false)
        #expect(asked.errors.contains("no other team can be called \(team.name). Do it?"), "\(asked.errors)")
        let done = try await team.purser(rename + ["--yes"])
        done.expect(0, output: false)
        #expect(done.errors == "\(team.name) is called \(team.name)-new now.\n")
        let list = try await team.purser("team", "list", "--output", "csv")
        #expect(list.lines.contains { $0.hasPrefix("\(team.name)-new,\(team.name),") }, "\(list.output)")
        let explained = try await team.purser(
            "explain", "--team", team.name, "--model", "claude-opus-4-5", "--input", "5", "--max-output", "5")
        #expect((explained.output + explained.errors).contains("is called \(team.name)-new now"), "\(explained.output)")
    }
}

extension Team {
    /// Whether `purser verify` finds everything as it should be, with what other tests have written.
    func verify() async throws {
        try await Command.run(["verify", "--data-dir", server.dataDirectory], as: nil).expect(0)
    }
}
