import Foundation
import JSON
import Testing

@Suite struct AccessTests {
    enum Role: String, CaseIterable, Sendable {
        case router, team, finance, admin
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        let method: String
        /// `TEAM` stands for the token's own team, `OTHER` for another team.
        let path: String
        var body: String?
        let allowed: Set<Role>

        init(_ method: String, _ path: String, _ body: String? = nil, _ allowed: Set<Role>) {
            (self.method, self.path, self.body, self.allowed) = (method, path, body, allowed)
        }

        var testDescription: String { "\(method) \(path)" }
    }

    private static let everybody = Set(Role.allCases)
    private static let readers: Set<Role> = [.team, .finance, .admin]
    private static let editors: Set<Role> = [.team, .admin]
    private static func callOf(_ team: String, _ more: String) -> String {
        #"{"request_id":"a","team":"\#(team)","model":"claude-opus-4-5","input_tokens":1,"max_output_tokens":1\#(more)}"#
    }
    private static func budgetOf(_ team: String) -> String {
        #"{"scope":{"team":"\#(team)"},"period":"day","limit_usd":"5"}"#
    }

    static let rules: [Rule] = [
        Rule("POST", "/v1/authorize", callOf("TEAM", ""), [.router, .admin]),
        Rule("POST", "/v1/authorize", callOf("TEAM", #","dry_run":true"#), everybody),
        Rule("POST", "/v1/settle", #"{"hold_id":"HOLD","usage":{}}"#, [.router, .admin]),
        Rule("POST", "/v1/extend", #"{"hold_id":"SECOND","hold_seconds":600}"#, [.router, .admin]),
        Rule("POST", "/v1/void", #"{"hold_id":"SECOND"}"#, [.router, .admin]),
        Rule("POST", "/v1/usage", #"{"events":[]}"#, [.router, .finance, .admin]),
        Rule("POST", "/v1/usage?dry_run=true", #"{"events":[]}"#, [.router, .finance, .admin]),
        Rule("POST", "/v1/quote", #"{"model":"claude-opus-4-5","usage":{"input_tokens":1}}"#, everybody),
        Rule("PUT", "/v1/budgets/x-TEAM", budgetOf("TEAM"), editors),
        Rule("GET", "/v1/budgets/own-TEAM", nil, readers),
        Rule("GET", "/v1/budgets?team=TEAM", nil, readers),
        Rule("GET", "/v1/budgets/own-TEAM/history", nil, readers),
        Rule("DELETE", "/v1/budgets/own-TEAM", nil, editors),
        Rule("PUT", "/v1/ladders/TEAM", #"{"models":["claude-opus-4-5"]}"#, editors),
        Rule("GET", "/v1/ladders/TEAM", nil, readers),
        Rule("GET", "/v1/ladders?team=TEAM", nil, readers),
        Rule("DELETE", "/v1/ladders/TEAM", nil, editors),
        Rule("PUT", "/v1/alerts/al-TEAM", #"{"team":"TEAM","webhook":"http://127.0.0.1:9/"}"#, editors),
        Rule("GET", "/v1/alerts?team=TEAM", nil, readers),
        Rule("POST", "/v1/alerts/own-TEAM/test", nil, editors),
        Rule("DELETE", "/v1/alerts/own-TEAM", nil, editors),
        Rule("GET", "/v1/reports/monthly?team=TEAM", nil, readers),
        Rule("GET", "/v1/reports/monthly?team=TEAM&format=csv", nil, readers),
        Rule("GET", "/v1/usage?team=TEAM", nil, readers),
        Rule("GET", "/v1/unsettled?team=TEAM", nil, readers),
        Rule("GET", "/v1/disputed?team=TEAM", nil, readers),
        Rule("PATCH", "/v1/teams/TEAM", #"{"unsettled":null}"#, [.finance, .admin]),
        Rule("GET", "/v1/months", nil, readers),
        Rule("GET", "/v1/verification", nil, [.finance, .admin]),
        Rule("POST", "/v1/usage/reversals", #"{"source":"s","ids":["x"],"reason":"r"}"#, [.finance, .admin]),
        Rule("GET", "/v1/reports", nil, everybody),
        Rule("GET", "/v1/prices?model=claude-opus-4-5", nil, everybody),
        Rule("GET", "/v1/prices/resolve?model=claude-opus-4-5", nil, everybody),
        Rule("GET", "/v1/prices/check", nil, everybody),
        Rule("POST", "/v1/prices/import?dry_run=true", PriceTests.file("access"), [.finance, .admin]),
        Rule(
            "POST", "/v1/prices/rerate", #"{"from":"2026-01-01","to":"2026-01-01","dry_run":true}"#, [.finance, .admin]),
        Rule("GET", "/v1/agreements?team=TEAM", nil, readers),
        Rule("GET", "/v1/agreements?team=OTHER", nil, [.finance, .admin]),
        Rule(
            "PUT", "/v1/agreements/a-TEAM",
            #"{"team":"TEAM","discount":0.1,"valid_from":"2020-01-01T00:00:00Z","valid_until":"2020-01-02T00:00:00Z"}"#,
            [.finance, .admin]),
        Rule("DELETE", "/v1/agreements/own-TEAM", nil, [.finance, .admin]),
        Rule(
            "PUT", "/v1/credits/x-TEAM",
            #"{"provider":"anthropic","team":"TEAM","amount_usd":"1","valid_from":"2026-01-01"}"#, [.finance, .admin]),
        Rule("GET", "/v1/credits", nil, [.finance, .admin]),
        Rule("GET", "/v1/credits/999999999", nil, [.finance, .admin]),
        Rule("DELETE", "/v1/credits/999999999", nil, [.finance, .admin]),
        Rule("GET", "/v1/teams", nil, [.finance, .admin]),
        Rule("PUT", "/v1/teams/TEAM", nil, [.admin]),
        Rule("GET", "/v1/tokens", nil, [.admin]),
        Rule("POST", "/v1/tokens", #"{"role":"router"}"#, [.admin]),
        Rule("DELETE", "/v1/tokens/999999999", nil, [.admin]),
        // Requests about another team, and a budget without a team, which counts the calls of all teams.
        Rule("POST", "/v1/authorize", callOf("OTHER", #","dry_run":true"#), [.router, .finance, .admin]),
        Rule("PUT", "/v1/budgets/x-OTHER", budgetOf("OTHER"), [.admin]),
        Rule(
            "PUT", "/v1/budgets/all-TEAM", #"{"scope":{"user":"nobody"},"period":"day","limit_usd":"5"}"#,
            [.finance, .admin]),
        Rule("GET", "/v1/budgets/own-OTHER", nil, [.finance, .admin]),
        Rule("GET", "/v1/budgets?team=OTHER", nil, [.finance, .admin]),
        Rule("GET", "/v1/budgets/own-OTHER/history", nil, [.finance, .admin]),
        Rule("DELETE", "/v1/budgets/own-OTHER", nil, [.admin]),
        Rule("PUT", "/v1/ladders/OTHER/f", #"{"models":["claude-opus-4-5"]}"#, [.admin]),
        Rule("GET", "/v1/ladders?team=OTHER", nil, [.finance, .admin]),
        Rule("PUT", "/v1/alerts/al-OTHER", #"{"team":"OTHER","webhook":"http://127.0.0.1:9/"}"#, [.admin]),
        Rule("DELETE", "/v1/alerts/own-OTHER", nil, [.admin]),
        Rule("GET", "/v1/reports/monthly?team=OTHER", nil, [.finance, .admin]),
        Rule("GET", "/v1/usage?team=OTHER", nil, [.finance, .admin]),
    ]

    @Test("each role may do what it is for and nothing else", arguments: rules)
    func matrix(_ rule: Rule) async throws {
        for role in Role.allCases {
            let (team, other) = (try await Team(), try await Team())
            for place in [team, other] {
                _ = try await place.admin.json(
                    "PUT", "/v1/budgets/own-\(place.name)", Self.budgetOf(place.name), status: 201)
                _ = try await place.admin.json(
                    "PUT", "/v1/agreements/own-\(place.name)",
                    #"{"team":"\#(place.name)","discount":0.1,"valid_from":"2999-01-01T00:00:00Z"}"#, status: 201)
                _ = try await place.admin.json("PUT", "/v1/ladders/\(place.name)", #"{"models":["claude-opus-4-5"]}"#)
                _ = try await place.admin.json(
                    "PUT", "/v1/alerts/own-\(place.name)",
                    #"{"team":"\#(place.name)","webhook":"http://127.0.0.1:9/"}"#,
                    status: 201)
            }
            func filled(_ text: String) async throws -> String {
                var text = text.replacing("TEAM", with: team.name).replacing("OTHER", with: other.name)
                for place in ["HOLD", "SECOND"] where text.contains(place) {
                    text = text.replacing(place, with: try await team.hold(place))
                }
                return text
            }
            let path = try await filled(rule.path)
            let body = if let body = rule.body { try await filled(body) } else { String?.none }
            let type = path.contains("import") ? "application/yaml" : "application/json"
            let reply = try await team.token(role.rawValue).send(rule.method, path, body, type: type)
            if rule.allowed.contains(role) {
                let isDone = (200...299).contains(reply.status) || path.hasSuffix("999999999") && reply.status == 404
                #expect(isDone, "\(role): \(reply.status) \(reply.text)")
            } else {
                #expect(reply.status == 403, "\(role): \(reply.status) \(reply.text)")
                try reply.expectProblem(403, "forbidden")
            }
            try await team.admin.with(token: nil).send(rule.method, path, body, type: type)
                .expectProblem(401, "unauthorized")
        }
    }

    @Test("a router token of a team spends for that team alone")
    func routerOfTeam() async throws {
        let (team, other) = (try await Team(), try await Team())
        let router = try await team.token("router", ofTeam: true)
        #expect(try await router.send("POST", "/v1/authorize", team.call("r-1")).status == 200)
        try await router.send("POST", "/v1/authorize", other.call("r-1")).expectProblem(403, "forbidden")
        let hold = try await other.hold("r-2")
        try await router.send("POST", "/v1/settle", Team.settlement(hold)).expectProblem(403, "forbidden")
        try await router.send("POST", "/v1/void", #"{"hold_id":"\#(hold)"}"#).expectProblem(403, "forbidden")
        let events = try await router.json(
            "POST", "/v1/usage",
            #"{"events":[{"id":"e","source":"\#(other.name)","team":"\#(other.name)","model":"m","usage":{}}]}"#)
        #expect(try events.list("rejected").map { try $0.text("code") } == ["forbidden"])
        #expect(try await other.entries().isEmpty)
    }

    @Test(
        "without a token that is known nothing is told",
        arguments: [
            "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi",
            "Bearer pur_" + String(repeating: "x", count: 300),
        ])
    func noToken(header: String) async throws {
        let nobody = try await PurserServer.shared.admin.with(token: nil)
        let reply = try await nobody.send("GET", "/v1/budgets", headers: ["Authorization": header])
        try reply.expectProblem(401, "unauthorized")
        #expect(reply.header("WWW-Authenticate") == "Bearer")
    }

    @Test("a token is shown once, listed without its secret, and refused from the moment it is revoked")
    func revocation() async throws {
        let team = try await Team()
        let made = try await team.admin.json(
            "POST", "/v1/tokens", #"{"role":"team","team":"\#(team.name)","name":"search-lead"}"#, status: 201)
        made.expect([
            "id": .text, "token": .text, "role": .text, "team": .orNull(.text), "name": .orNull(.text),
        ])
        let client = team.admin.with(token: try made.text("token"))
        #expect(try await client.send("GET", "/v1/budgets").status == 200)
        let list = try await team.admin.json("GET", "/v1/tokens").list("tokens")
        let listed = try #require(try list.first { try $0.text("id") == made.text("id") })
        listed.expect([
            "id": .text, "role": .text, "team": .orNull(.text), "name": .orNull(.text), "created_at": .time,
            "last_used_at": .orNull(.time),
            "revoked_at": .orNull(.time),
        ])
        #expect(try made.text("name") == "search-lead" && listed.text("name") == "search-lead")
        #expect(!listed.source.contains(try made.text("token")))
        #expect(try await team.admin.send("DELETE", "/v1/tokens/\(made.text("id"))").status == 204)
        try await client.send("GET", "/v1/budgets").expectProblem(401, "unauthorized")
        for id in ["999999999", "x", "-1", "99999999999999999999"] {
            try await team.admin.send("DELETE", "/v1/tokens/\(id)").expectProblem(404, "not_found")
        }
    }

    @Test(
        "a token without a role or a team that is there is not made",
        arguments: [
            ("{}", "/role"), (#"{"role":"boss"}"#, "/role"), (#"{"role":"team"}"#, "/team"),
            (#"{"role":"team","team":"a b"}"#, "/team"), (#"{"role":"router","x":1}"#, "/x"),
            (#"{"role":"router","name":"a b"}"#, "/name"),
        ])
    func badToken(body: String, pointer: String) async throws {
        let admin = try await PurserServer.shared.admin
        try await admin.send("POST", "/v1/tokens", body).expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test("a token for a team that is not there is not made")
    func tokenOfNobody() async throws {
        let admin = try await PurserServer.shared.admin
        try await admin.send("POST", "/v1/tokens", #"{"role":"team","team":"no-such-team"}"#)
            .expectProblem(422, "unknown_team", pointer: "/team")
    }

    @Test("a role for all teams is not limited to one", arguments: ["finance", "admin"])
    func tokenForAllTeams(role: String) async throws {
        let team = try await Team()
        try await team.admin.send("POST", "/v1/tokens", #"{"role":"\#(role)","team":"\#(team.name)"}"#)
            .expectProblem(422, "invalid_fields", pointer: "/team")
    }

    @Test("a token of such a role that an earlier version limited to a team reads and changes no other's")
    func limitedToTeam() async throws {
        let own = try await OwnDatabase()
        let directory = try ScratchDirectory()
        try await Command.run(["migrate", "--database-url", own.connection], as: nil).expect(0)
        let server = try await PurserServer(in: directory, database: own.connection)
        let (team, other) = (try await Team(on: server), try await Team(on: server))
        for role in ["finance", "admin"] {
            let client = try await team.token(role)
            try await own.execute("UPDATE token SET team = '\(team.name)' WHERE role = '\(role)'")
            for path in ["reports/monthly", "usage", "budgets", "ladders", "alerts", "agreements"] {
                #expect(try await client.send("GET", "/v1/\(path)").status == 200, "\(path)")
                #expect(try await client.send("GET", "/v1/\(path)?team=\(team.name)").status == 200, "\(path)")
                try await client.send("GET", "/v1/\(path)?team=\(other.name)").expectProblem(403, "forbidden")
            }
            for path in ["credits", "teams", "tokens"] {
                try await client.send("GET", "/v1/\(path)").expectProblem(403, "forbidden")
            }
            try await client.send("POST", "/v1/tokens", #"{"role":"admin"}"#).expectProblem(403, "forbidden")
            try await client.send(
                "POST", "/v1/prices/import?dry_run=true", PriceTests.file("x"), type: "application/yaml"
            )
            .expectProblem(403, "forbidden")
            try await client.send("PUT", "/v1/budgets/b", Self.budgetOf(other.name)).expectProblem(403, "forbidden")
            let ownBudget = try await client.send("PUT", "/v1/budgets/b", Self.budgetOf(team.name))
            #expect(ownBudget.status == (role == "admin" ? 201 : 403))
        }
    }

    @Test("a team may not read the budgets and alerts of others, and is told where there is nothing of a name")
    func hidden() async throws {
        let (team, other) = (try await Team(), try await Team())
        let (lead, theirs) = (try await team.token("team"), try await other.token("team"))
        let path = "/v1/budgets/shared-\(team.name)"
        let alert = "/v1/alerts/al-\(team.name)"
        _ = try await theirs.json("PUT", path, Self.budgetOf(other.name), status: 201)
        _ = try await theirs.json(
            "PUT", alert, #"{"team":"\#(other.name)","webhook":"http://127.0.0.1:9/"}"#, status: 201)
        for (method, path) in [
            ("GET", path), ("DELETE", path), ("GET", path + "/history"), ("DELETE", alert), ("POST", alert + "/test"),
        ] {
            let there = try await lead.send(method, path)
            let absent = try await lead.send(method, path.replacing(team.name, with: "nobodys"))
            try there.expectProblem(403, "forbidden")
            #expect(!there.text.contains(other.name))
            try absent.expectProblem(404, "not_found")
        }
        #expect(try await theirs.send("DELETE", path).status == 204)
        // What was its own it finds gone.
        try await theirs.send("GET", path).expectProblem(404, "not_found")
        try await lead.send("GET", path + "/history").expectProblem(403, "forbidden")
        // A role that reads no budgets is told that.
        try await team.token("router").send("GET", path).expectProblem(403, "forbidden")

        _ = try await lead.json("PUT", path, Self.budgetOf(team.name), status: 201)
        for (client, name, versions) in [(lead, team.name, [3]), (theirs, other.name, [1, 2])] {
            let history = try await client.json("GET", path + "/history").list("history")
            #expect(history.map { $0["version"]?.integer } == versions.map { Int64($0) })
            #expect(history[0]["scope"]?["team"]?.string == name)
        }
        #expect(try await team.admin.json("GET", path + "/history").list("history").count == 3)
    }
}
