import Foundation
import JSON
import Testing

@Suite("A budget") struct BudgetKindTests {
    @Test("with a wildcard limits each value by itself, and shows its values")
    func wildcard() async throws {
        let team = try await Team()
        let made = try await team.admin.json(
            "PUT", team.budgetPath,
            #"{"scope":{"team":"\#(team.name)","run":"*"},"period":"total","limit_usd":"0.02"}"#, status: 201)
        #expect(made["scope"]?.source == #"{"team":"\#(team.name)","run":"*"}"#)
        #expect(made["remaining_usd"]?.isNull == true && made["values"]?.integer == 0)
        for run in ["agent-1", "agent-2"] {
            let more = #","run":"\#(run)""#
            let admitted = try await team.authorize("\(run)-1", more: more)
            let budget = try #require(try admitted.list("budgets").first)
            #expect(try budget["value"]?.text("run") == run && budget.money("held_usd") == Decimal(string: "0.016"))
            _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(admitted.text("hold_id")))
            let denied = try await team.authorize("\(run)-2", more: more)
            #expect(try denied.text("verdict") == "deny")
            let message = try denied["reason"]?.text("message") ?? ""
            #expect(message.contains("\(team.budgetID) (run \(run)) has $0.00625 left in all"), "\(message)")
        }
        let windows = try await team.admin.json("GET", "\(team.budgetPath)/windows?sort=value&limit=1")
        #expect(windows["values"]?.integer == 2 && windows["resets_at"]?.isNull == true)
        let window = try #require(try windows.list("windows").first)
        #expect(try window["value"]?.text("run") == "agent-1")
        #expect(try window.money("spent_usd") == Decimal(string: "0.01375"))
        #expect(try window.money("remaining_usd") == Decimal(string: "0.00625"))
        let one = try await team.admin.json("GET", "\(team.budgetPath)/windows/agent-2")
        #expect(try one.money("spent_usd") == Decimal(string: "0.01375"))
        let unused = try await team.admin.json("GET", "\(team.budgetPath)/windows/never%2Fseen")
        #expect(try unused.money("spent_usd") == 0 && unused.money("limit_usd") == Decimal(string: "0.02"))
        let budget = try await team.budget()
        #expect(try budget["values"]?.integer == 2 && budget.money("spent_usd") == Decimal(string: "0.0275"))
        // A call without a run is counted by no run's window.
        #expect(try await team.authorize("alone").list("budgets").isEmpty)
    }

    @Test("without a wildcard has no windows of values")
    func noValues() async throws {
        let team = try await Team()
        try await team.setBudget()
        try await team.admin.send("GET", "\(team.budgetPath)/windows").expectProblem(404, "not_found")
        try await team.admin.send("GET", "\(team.budgetPath)/windows/x").expectProblem(404, "not_found")
    }

    @Test("of the whole company counts every call, and a team sees it and cannot touch it")
    func company() async throws {
        let own = try await OwnDatabase.migrated()
        let directory = try ScratchDirectory()
        let server = try await PurserServer(in: directory, database: own.connection)
        let (team, other) = (try await Team(on: server), try await Team(on: server))
        let made = try await team.admin.json(
            "PUT", "/v1/budgets/company", #"{"scope":{},"period":"month","limit_usd":"0.02"}"#, status: 201)
        #expect(try made.text("owner") == "company" && made["scope"]?.source == "{}")
        _ = try await team.hold("c-1")
        #expect(try await other.authorize("c-2")["reason"]?.text("budget") == "company")
        let lead = try await team.token("team")
        #expect(try await lead.json("GET", "/v1/budgets/company").money("limit_usd") == Decimal(string: "0.02"))
        #expect(try await lead.json("GET", "/v1/budgets").list("budgets").map { try $0.text("id") } == ["company"])
    }

    @Test(
        "is told with the period that it has",
        arguments: [
            (#""period":"hour""#, #""hour""#, "null"), (#""period":"week""#, #""week""#, #""monday""#),
            (#""period":"week","starts_on":"sunday""#, #""week""#, #""sunday""#),
            (#""period":"year","starts_on":4"#, #""year""#, "4"),
            (#""period":"quarter","starts_on":2"#, #""quarter""#, "2"),
            (#""period":{"hours":5}"#, #"{"hours":5}"#, "null"), (#""period":{"days":7}"#, #"{"days":7}"#, "null"),
            (#""period":{"minutes":30}"#, #"{"minutes":30}"#, "null"),
        ] as [(String, String, String)])
    func periods(period: String, told: String, start: String) async throws {
        let team = try await Team()
        let body = #"{"scope":{"team":"\#(team.name)"},\#(period),"limit_usd":"5"}"#
        let made = try await team.admin.json("PUT", team.budgetPath, body, status: 201)
        #expect(made["period"]?.source == told && (made["starts_on"]?.source ?? "null") == start)
        // The same again changes nothing but the version, another period is refused.
        _ = try await team.admin.json("PUT", team.budgetPath, body)
        try await team.admin.send(
            "PUT", team.budgetPath, #"{"scope":{"team":"\#(team.name)"},"period":"day","limit_usd":"5"}"#
        ).expectProblem(422, "invalid_fields", pointer: "/period")
    }

    @Test("keeps what a PATCH does not name")
    func patch() async throws {
        let team = try await Team()
        try await team.setLadderAndAlert()
        let more = """
            ,"enforcement":"soft","downgrade_at":0.8,"alert_at":[0.5,1],"carry_over":{"cap_usd":"50"},\
            "planned":{"2999-12":"700"},"pacing":true,"unsettled":"input","owner":"company"
            """
        try await team.setBudget(more: more)
        func settings(_ budget: JSONValue) -> [String: String] {
            let others = ["version", "limit_usd", "window_limit_usd", "remaining_usd", "plan_usd", "warnings"]
            return Dictionary(
                uniqueKeysWithValues: budget.fields.filter { !others.contains($0.name) }.map {
                    ($0.name, $0.value.source)
                })
        }
        let before = try await team.budget()
        let raised = try await team.admin.json(
            "PATCH", team.budgetPath, #"{"limit_usd":"700","reason":"the launch is this month"}"#)
        #expect(settings(raised) == settings(before))
        #expect(try raised.money("limit_usd") == 700 && raised["version"]?.integer == 2)
        let plain = try await team.admin.json(
            "PATCH", team.budgetPath, #"{"alert_at":null,"planned":{"2999-11":"5"},"pacing":null}"#)
        #expect(plain["alert_at"]?.source == "[]" && plain["pacing"]?.bool == false)
        #expect(plain["planned"]?.source == #"{"2999-11":"5"}"#)
        #expect(try plain.money("limit_usd") == 700 && plain["carry_over"]?.source == #"{"cap_usd":"50"}"#)
        for (body, pointer) in [
            (#"{"limit_tokens":5}"#, "/limit_tokens"), (#"{"scope":{"run":"x"}}"#, "/scope"),
            (#"{"period":"day"}"#, "/planned"), (#"{"limit_usd":7}"#, "/limit_usd"), (#"{"colour":"red"}"#, "/colour"),
            ("[]", ""),
        ] {
            try await team.admin.send("PATCH", team.budgetPath, body)
                .expectProblem(422, "invalid_fields", pointer: pointer)
        }
        try await team.admin.send("PATCH", team.budgetPath, "{}", headers: ["If-Match": "\"1\""])
            .expectProblem(412, "version_mismatch")
        try await team.admin.send("PATCH", "/v1/budgets/none-\(team.name)", "{}").expectProblem(404, "not_found")
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.map { $0["reason"]?.string } == [nil, "the launch is this month", nil])
    }

    /// What each role may do with a budget of the company and with one of a team.
    @Test(
        "of the company is changed by admin and finance alone, one of a team by the team and admin",
        arguments: [
            ("company", "admin", true), ("company", "finance", true), ("company", "team", false),
            ("team", "admin", true), ("team", "finance", false), ("team", "team", true),
        ] as [(String, String, Bool)])
    func owners(owner: String, role: String, isAllowed: Bool) async throws {
        let team = try await Team()
        try await team.setBudget(more: #","owner":"\#(owner)""#)
        let client = try await team.token(role)
        let whole = #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"900"}"#
        for (method, body) in [
            ("PUT", whole), ("PATCH", #"{"limit_usd":"900"}"#), ("PATCH", #"{"enforcement":"shadow"}"#),
            ("DELETE", nil),
        ] {
            let reply = try await client.send(method, team.budgetPath, body)
            if isAllowed {
                #expect((200...204).contains(reply.status), "\(method): \(reply.text)")
            } else {
                try reply.expectProblem(403, "forbidden")
            }
        }
        if !isAllowed { #expect(try await team.budget().money("limit_usd") == 500) }
        // What a PUT does not say of its owner stays.
        if owner == "company", role == "admin" {
            try await team.setBudget(more: #","owner":"company""#)
            #expect(try await team.setBudget(limit: "7", status: 200).text("owner") == "company")
        }
    }

    @Test("is not made the company's, or taken from it, by a team")
    func takingOver() async throws {
        let team = try await Team()
        let lead = try await team.token("team")
        let body = #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"5","owner":"OWNER"}"#
        try await lead.send("PUT", team.budgetPath, body.replacing("OWNER", with: "company"))
            .expectProblem(403, "forbidden")
        _ = try await team.admin.json("PUT", team.budgetPath, body.replacing("OWNER", with: "company"), status: 201)
        try await lead.send("PUT", team.budgetPath, body.replacing("OWNER", with: "team"))
            .expectProblem(403, "forbidden")
        try await lead.send(
            "PUT", "/v1/budgets/all-\(team.name)", #"{"scope":{"user":"u"},"period":"day","limit_usd":"5"}"#
        )
        .expectProblem(403, "forbidden")
    }
}
