import Foundation
import JSON
import Testing

@Suite struct BudgetTests {
    static let fields: [String: Shape] = [
        "id": .text, "version": .integer, "scope": .object, "period": .text, "time_zone": .text, "limit_usd": .money,
        "enforcement": .text, "unpriced": .text, "downgrade_at": .orNull(.number), "alert_at": .list,
        "spent_usd": .money,
        "held_usd": .money, "remaining_usd": .money, "window_start": .time, "resets_at": .orNull(.time),
        "owner": .text, "carry_over": .text, "planned": .object, "pacing": .flag, "unsettled": .text,
        "window_limit_usd": .money, "allowance_usd": .orNull(.money), "carried_over_usd": .money,
    ]
    /// Where the periods begin.
    private static let startShape: [String: Shape] = [
        "day": .null, "week": .text, "month": .null, "quarter": .integer, "year": .integer, "total": .null,
    ]
    /// Those of one budget, which lists leave out.
    static let ownFields = ["warnings": Shape.list]

    @Test("a budget is made, read, listed, changed and removed, and its history stays")
    func lifeCycle() async throws {
        let team = try await Team()
        let made = try await team.setBudget(more: #","enforcement":"hard","downgrade_at":0.8,"alert_at":[0.5,0.8,1.0]"#)
        made.expect(Self.fields.merging(Self.ownFields) { $1 })
        #expect(try made.text("id") == team.budgetID && made["version"]?.integer == 1)
        #expect(try await team.budget().source == made.source)
        let list = try await team.admin.json("GET", "/v1/budgets?team=\(team.name)").list("budgets")
        #expect(list.count == 1)
        list[0].expect(Self.fields)
        for (name, value) in list[0].fields {
            #expect(made.fields.first { $0.name == name }?.value.source == value.source)
        }

        let changed = try await team.setBudget(limit: "250.50", status: 200)
        #expect(try changed["version"]?.integer == 2 && changed.money("limit_usd") == Decimal(string: "250.5"))
        #expect(changed["downgrade_at"]?.isNull == true)
        #expect(try await team.admin.send("DELETE", team.budgetPath).status == 204)
        try await team.admin.send("GET", team.budgetPath).expectProblem(404, "not_found")
        try await team.admin.send("DELETE", team.budgetPath).expectProblem(404, "not_found")

        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.map { $0["version"]?.integer } == [1, 2, 3])
        #expect(try history.map { try $0.text("changed_by") }.allSatisfy { $0 == "the admin token" })
        #expect(try history[0].money("limit_usd") == 500 && history[2]["removed"]?.bool == true)
    }

    @Test("If-Match lets a change through only on the version it names")
    func versions() async throws {
        let team = try await Team()
        let body = #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"5"}"#
        func put(_ version: String) async throws -> Reply {
            try await team.admin.send("PUT", team.budgetPath, body, headers: ["If-Match": version])
        }
        for version in ["\"1\"", "*"] { try await put(version).expectProblem(412, "version_mismatch") }
        try await team.setBudget()
        #expect(try await team.admin.send("GET", team.budgetPath).header("ETag") == "\"1\"")
        let second = try await put("\"1\"")
        #expect(second.status == 200 && second.header("ETag") == "\"2\"")
        for version in ["\"1\"", "nonsense"] { try await put(version).expectProblem(412, "version_mismatch") }
        #expect(try await team.budget()["version"]?.integer == 2)
        #expect(try await put("*").status == 200)
        try await team.admin.send("DELETE", team.budgetPath, headers: ["If-Match": "\"1\""])
            .expectProblem(412, "version_mismatch")
        #expect(try await team.admin.send("DELETE", team.budgetPath, headers: ["If-Match": "\"3\""]).status == 204)
    }

    @Test(
        "scope, period, time zone and unit of a budget stay what they are",
        arguments: [
            ("/scope", #""scope":{"team":"TEAM","feature":"f"},"period":"month","limit_usd":"5""#),
            ("/period", #""scope":{"team":"TEAM"},"period":"week","limit_usd":"5""#),
            ("/time_zone", #""scope":{"team":"TEAM"},"period":"month","time_zone":"Europe/Berlin","limit_usd":"5""#),
            ("/limit_calls", #""scope":{"team":"TEAM"},"period":"month","limit_calls":5"#),
        ])
    func fixed(pointer: String, body: String) async throws {
        let team = try await Team()
        let before = try await team.setBudget().source
        try await team.admin.send("PUT", team.budgetPath, "{\(body.replacing("TEAM", with: team.name))}")
            .expectProblem(422, "invalid_fields", pointer: pointer)
        #expect(try await team.budget().source == before)
    }

    @Test("what was spent and held stays when the limit changes, also to below it")
    func limitChange() async throws {
        let team = try await Team()
        try await team.setBudget()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("c-1")))
        _ = try await team.hold("c-2")
        for limit in ["0.001", "1000"] {
            let changed = try await team.setBudget(limit: limit, status: 200)
            #expect(try changed.money("spent_usd") == Decimal(string: "0.01375"))
            #expect(try changed.money("held_usd") == Decimal(string: "0.016"))
            #expect(try changed.money("remaining_usd") == changed.money("limit_usd") - Decimal(string: "0.02975")!)
            let isAdmitted =
                try await team.authorize("c-\(limit)", more: #","dry_run":true"#).text("verdict") == "admit"
            #expect(isAdmitted == (limit == "1000"))
        }
    }

    @Test("a new budget begins with what its window has already spent")
    func opening() async throws {
        let team = try await Team()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("o-1")))
        #expect(try await team.setBudget().money("spent_usd") == Decimal(string: "0.01375"))
    }

    @Test("tokens and calls are limited as money is", arguments: ["tokens", "calls"])
    func otherUnits(unit: String) async throws {
        let team = try await Team()
        let limit = unit == "tokens" ? 2000 : 1
        let budget = try await team.admin.json(
            "PUT", team.budgetPath, #"{"scope":{"team":"\#(team.name)"},"period":"day","limit_\#(unit)":\#(limit)}"#,
            status: 201)
        var fields = Self.fields.filter { !$0.key.hasSuffix("_usd") }
        for name in ["limit", "window_limit", "carried_over", "spent", "held", "remaining"] {
            fields["\(name)_\(unit)"] = .integer
        }
        fields["allowance_\(unit)"] = .orNull(.integer)
        budget.expect(fields, optional: Self.ownFields)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("u-1")))
        #expect(try await team.authorize("u-2").text("verdict") == "deny")
        let spent = try await team.budget().fields.first { $0.name == "spent_\(unit)" }?.value.integer
        #expect(spent == (unit == "tokens" ? 1510 : 1))
    }

    @Test("changes of one budget at the same time all find their order")
    func concurrentChanges() async throws {
        let team = try await Team()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for limit in 1...8 {
                group.addTask {
                    try await team.admin.send(
                        "PUT", team.budgetPath,
                        #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"\#(limit)"}"#
                    ).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 200, 200, 200, 200, 200, 200, 201])
        #expect(try await team.budget()["version"]?.integer == 8)
    }

    @Test("windows follow the budget's own days", arguments: ["day", "week", "month", "quarter", "year", "total"])
    func periods(period: String) async throws {
        let team = try await Team()
        let budget = try await team.admin.json(
            "PUT", team.budgetPath,
            #"{"scope":{"team":"\#(team.name)"},"period":"\#(period)","time_zone":"Asia/Kolkata","limit_usd":"5"}"#,
            status: 201)
        budget.expect(Self.fields, optional: Self.ownFields.merging(["starts_on": Self.startShape[period]!]) { $1 })
        if period == "total" {
            #expect(budget["resets_at"]?.isNull == true)
        } else {
            // Midnight in India is 18:30 in UTC.
            #expect(try budget.text("resets_at").hasSuffix("T18:30:00Z"))
            #expect(try budget.text("window_start").hasSuffix("T18:30:00Z"))
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let pointer: String
        /// A field to add to a valid scope, period and limit, or to put in place of the one with the same name.
        let field: String

        init(_ pointer: String, _ field: String) { (self.pointer, self.field) = (pointer, field) }
        var testDescription: String { field }
    }

    @Test(
        "what is no budget is refused by the field that is wrong",
        arguments: [
            Bad("/limit_usd", #""limit_usd":5"#), Bad("/limit_usd", #""limit_usd":5.5"#),
            Bad("/limit_usd", #""limit_usd":"-1""#), Bad("/limit_usd", #""limit_usd":"1e3""#),
            Bad("/limit_usd", #""limit_usd":"NaN""#), Bad("/limit_usd", #""limit_usd":"""#),
            Bad("/limit_usd", #""limit_usd":"0.0000000001""#), Bad("/limit_usd", #""limit_usd":"1000000000.1""#),
            Bad("/limit_usd", #""limit_usd":null"#), Bad("/limit_usd", #""limit_tokens":5"#),
            Bad("/limit_tokens", #""limit_tokens":"5""#), Bad("/limit_calls", #""limit_calls":-5"#),
            Bad("/limit_calls", #""limit_calls":1.5"#), Bad("/period", #""period":"fortnight""#),
            Bad("/period", #""period":30"#), Bad("/period", #""period":null"#),
            Bad("/time_zone", #""time_zone":"Mars/Base""#), Bad("/time_zone", #""time_zone":"../../etc/passwd""#),
            Bad("/enforcement", #""enforcement":"strict""#), Bad("/enforcement", #""enforcement":true"#),
            Bad("/unpriced", #""unpriced":"maybe""#), Bad("/unpriced", #""unpriced":false"#),
            Bad("/downgrade_at", #""downgrade_at":0"#), Bad("/downgrade_at", #""downgrade_at":-0.5"#),
            Bad("/downgrade_at", #""downgrade_at":11"#), Bad("/downgrade_at", #""downgrade_at":"0.8""#),
            Bad("/alert_at", #""alert_at":0.5"#), Bad("/alert_at/0", #""alert_at":["0.5"]"#),
            Bad("/alert_at/0", #""alert_at":[0]"#), Bad("/alert_at/1", #""alert_at":[0.5,null]"#),
            Bad("/alert_at/2", #""alert_at":[0.5,0.8,50]"#),
            Bad("/alert_at", #""alert_at":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"#),
            Bad("/scope/run", #""scope":{"run":"**"}"#), Bad("/scope", #""scope":[]"#), Bad("/scope", #""scope":null"#),
            Bad("/scope/x", #""scope":{"x":1}"#), Bad("/scope/team", #""scope":{"team":"a b"}"#),
            Bad("/scope/user", #""scope":{"user":5}"#), Bad("/scope/tags", #""scope":{"tags":{"a":1}}"#),
            Bad("/period", #""period":{"hours":0}"#), Bad("/period", #""period":{"days":367}"#),
            Bad("/period", #""period":{"hours":1,"days":1}"#), Bad("/period", #""period":{"weeks":1}"#),
            Bad("/starts_on", #""starts_on":"sunday""#), Bad("/starts_on", #""starts_on":4"#),
            Bad("/owner", #""owner":"me""#), Bad("/carry_over", #""carry_over":true"#),
            Bad("/carry_over", #""carry_over":{"cap_usd":5}"#), Bad("/carry_over", #""carry_over":{"cap_calls":5}"#),
            Bad("/planned/2026-13", #""planned":{"2026-13":"5"}"#),
            Bad("/planned/2026-12", #""planned":{"2026-12":5}"#),
            Bad("/planned", #""planned":["5"]"#), Bad("/pacing", #""pacing":"yes""#),
            Bad("/unsettled", #""unsettled":"charge""#), Bad("/reason", #""reason":"""#),
            Bad("/surprise", #""surprise":1"#), Bad("/period", #""period":"month","period":"day""#),
        ])
    func badBudget(_ bad: Bad) async throws {
        let team = try await Team()
        let good = [
            "scope": #""scope":{"team":"\#(team.name)"}"#, "period": #""period":"month""#,
            "limit_usd": #""limit_usd":"5""#,
        ]
        let name = String(bad.field.dropFirst().prefix { $0 != "\"" })
        var rest = good.filter { $0.key != name }.map(\.value).sorted()
        if bad.pointer != "/limit_usd", name.hasPrefix("limit_") { rest.removeAll { $0.hasPrefix(#""limit_usd""#) } }
        let body = "{\(([bad.field] + rest).joined(separator: ","))}"
        try await team.admin.send("PUT", team.budgetPath, body).expectProblem(
            422, "invalid_fields", pointer: bad.pointer)
        try await team.admin.send("GET", team.budgetPath).expectProblem(404, "not_found")
    }

    @Test(
        "an id that is no name is not found",
        arguments: ["bad%20id", "%C3%A9", "%zz", "%00", "a%0Ab", String(repeating: "a", count: 129)])
    func badID(id: String) async throws {
        let team = try await Team()
        try await team.admin.send(
            "PUT", "/v1/budgets/\(id)", #"{"scope":{"team":"\#(team.name)"},"period":"month","limit_usd":"5"}"#
        ).expectProblem(404, "not_found")
        #expect(try await team.admin.json("GET", "/v1/budgets?team=\(team.name)").list("budgets").isEmpty)
    }
}
