import Foundation
import JSON
import Testing

@Suite struct CreditTests {
    private static let firstDay = ReportTests.month + "-01"
    private static let fields: [String: Shape] = [
        "id": .text, "provider": .text, "model": .orNull(.text), "team": .orNull(.text), "amount_usd": .money,
        "drawn_usd": .money, "remaining_usd": .money, "valid_from": .text, "valid_until": .orNull(.text),
        "note": .orNull(.text), "added_at": .time, "added_by": .text, "withdrawn_at": .orNull(.time),
    ]

    /// A credit for a team's calls of claude-opus-4-5 from the first of this month on.
    private static func body(_ team: Team, amount: String = "10", more: String = "") -> String {
        #"{"provider":"anthropic","model":"claude-opus-4-5","team":"\#(team.name)","amount_usd":"\#(amount)","valid_from":"\#(firstDay)"\#(more)}"#
    }

    @Test("a credit is added, read, drawn by calls and withdrawn; budgets count the calls all the same")
    func lifeCycle() async throws {
        let team = try await Team()
        try await team.setBudget()
        let finance = try await team.token("finance")
        let path = "/v1/credits/prepaid%2F\(team.name)"
        let more = #","valid_until":"2199-01-01","note":"order 4711, \u00fc""#
        let added = try await finance.json("PUT", path, Self.body(team, more: more), status: 201)
        added.expect(Self.fields)
        #expect(try added.text("id") == "prepaid/\(team.name)" && added.text("valid_until") == "2199-01-01")
        #expect(try added.text("note") == "order 4711, ü" && added.text("added_by").hasPrefix("token "))
        #expect(try await finance.json("PUT", path, Self.body(team, more: more)).source == added.source)
        #expect(try await team.admin.json("GET", path).source == added.source)

        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        let drawn = try await finance.json("GET", path)
        drawn.expect(Self.fields)
        #expect(try drawn.money("drawn_usd") == Decimal(string: "0.01375"))
        #expect(try drawn.money("remaining_usd") == Decimal(string: "9.98625"))
        #expect(try await finance.json("GET", "/v1/credits").list("credits").map(\.source).contains(drawn.source))
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.01375"))
        #expect(try await team.entries().map { try $0.money("cost_usd") } == [Decimal(string: "0.01375")])

        #expect(try await finance.send("DELETE", path).status == 204)
        #expect(try await finance.send("DELETE", path).status == 204)
        let withdrawn = try await finance.json("GET", path)
        #expect(withdrawn["withdrawn_at"]?.isNull == false)
        #expect(try withdrawn.money("drawn_usd") == 0 && withdrawn.money("remaining_usd") == 0)
        try await finance.send("PUT", path, Self.body(team, more: more)).expectProblem(409, "credit_withdrawn")
        for method in ["GET", "DELETE"] {
            try await finance.send(method, "/v1/credits/no-such-credit").expectProblem(404, "not_found")
        }
    }

    @Test("a team sees in its reports what pays its calls, and only credits that are its alone")
    func reports() async throws {
        let (team, other) = (try await Team(), try await Team())
        for place in [team, other] {
            _ = try await place.admin.json(
                "PUT", "/v1/credits/\(place.name)", Self.body(place, amount: "0.01"), status: 201)
            _ = try await place.admin.json("POST", "/v1/settle", Team.settlement(place.hold("r-1")))
        }
        let reader = try await team.token("team")
        let credits = try await reader.json("GET", "/v1/reports/credits").list("rows")
        #expect(try credits.map { try $0.text("credit") } == [team.name])
        #expect(try credits[0].money("before_usd") == Decimal(string: "0.01"))
        #expect(try credits[0].money("drawn_usd") == Decimal(string: "0.01"))
        #expect(try credits[0].money("remaining_usd") == 0)
        let invoice = try await reader.json("GET", "/v1/reports/invoice").list("rows")
        #expect(try invoice.map { try $0.text("provider") } == ["anthropic"])
        #expect(try invoice[0].money("cost_usd") == Decimal(string: "0.01375"))
        #expect(try invoice[0].money("credits_usd") == Decimal(string: "0.01"))
        #expect(try invoice[0].money("invoice_usd") == Decimal(string: "0.00375"))
        let all = try await team.admin.json("GET", "/v1/reports/credits").list("rows").map { try $0.text("credit") }
        #expect(all.contains(team.name) && all.contains(other.name))
    }

    static let badFields: [(pointer: String, field: String)] = [
        ("/provider", #""provider":null"#), ("/provider", #""provider":5"#), ("/provider", #""provider":"""#),
        ("/provider", #""provider":"no-such-provider""#), ("/provider", #""provider":"nobody""#),
        ("/model", #""model":5"#), ("/model", #""model":"no-such-model""#), ("/model", #""model":"gpt-4o""#),
        ("/model", #""model":"claude-opus-4-5-20260101""#),
        ("/model", #""model":"\#(String(repeating: "m", count: 257))""#),
        ("/team", #""team":"a b""#), ("/team", #""team":5"#),
        ("/amount_usd", #""amount_usd":null"#), ("/amount_usd", #""amount_usd":10"#),
        ("/amount_usd", #""amount_usd":"0""#), ("/amount_usd", #""amount_usd":"-1""#),
        ("/amount_usd", #""amount_usd":"1000000000.1""#), ("/amount_usd", #""amount_usd":"0.0000000001""#),
        ("/amount_usd", #""amount_usd":"1e3""#), ("/valid_from", #""valid_from":null"#),
        ("/valid_from", #""valid_from":"2026-11""#), ("/valid_from", #""valid_from":"2026-02-30""#),
        ("/valid_from", #""valid_from":"2026-11-01T00:00:00Z""#), ("/valid_from", #""valid_from":20261101"#),
        ("/valid_until", #""valid_until":"2026-01-05""#), ("/valid_until", #""valid_until":"2026-01-04""#),
        ("/valid_until", #""valid_until":"soon""#), ("/note", #""note":"""#), ("/note", #""note":5"#),
        ("/note", #""note":"two\nlines""#), ("/note", #""note":"\u0000""#),
        ("/note", #""note":"\#(String(repeating: "n", count: 1025))""#), ("/surprise", #""surprise":1"#),
        ("/drawn_usd", #""drawn_usd":"0""#), ("/limit_usd", #""limit_usd":"5""#),
    ]

    @Test("a credit with a wrong field is refused by that field, and not added", arguments: badFields)
    func bad(pointer: String, field: String) async throws {
        let team = try await Team()
        let good = [
            #""provider":"anthropic""#, #""amount_usd":"10""#, #""valid_from":"2026-01-05""#,
        ].filter { $0.prefix { $0 != ":" } != field.prefix { $0 != ":" } }
        let body = "{\((good + [field]).joined(separator: ","))}"
        try await team.admin.send("PUT", "/v1/credits/\(team.name)", body)
            .expectProblem(422, "invalid_fields", pointer: pointer)
        try await team.admin.send("GET", "/v1/credits/\(team.name)").expectProblem(404, "not_found")
    }

    @Test("a credit that was added is not changed, by any field")
    func changed() async throws {
        let team = try await Team()
        let path = "/v1/credits/\(team.name)"
        let added = try await team.admin.json("PUT", path, Self.body(team), status: 201)
        for (pointer, body) in [
            ("/amount_usd", Self.body(team, amount: "11")), ("/note", Self.body(team, more: #","note":"x""#)),
            ("/valid_until", Self.body(team, more: #","valid_until":"2199-01-01""#)),
            ("/model", Self.body(team).replacing(#""model":"claude-opus-4-5","#, with: "")),
            ("/valid_from", Self.body(team).replacing("-01\"", with: "-02\"")),
        ] {
            let reply = try await team.admin.send("PUT", path, body)
            try reply.expectProblem(422, "invalid_fields", pointer: pointer)
            #expect(reply.text.contains("withdraw it and add another"))
        }
        #expect(try await team.admin.json("GET", path).source == added.source)
        try await team.admin.send(
            "PUT", "\(path)-2", Self.body(team).replacing(team.name, with: "no-such-team")
        ).expectProblem(422, "unknown_team", pointer: "/team")
        try await team.admin.send("PUT", "/v1/credits/a%20b", Self.body(team)).expectProblem(404, "not_found")
    }

    @Test("no credit begins in a closed month, and what one has paid there stays")
    func closedMonth() async throws {
        let database = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
        let team = try await Team(on: server)
        let close = """
            INSERT INTO month_close (month, version, closed_by) SELECT month, 1, 'test' FROM month WHERE state = 'open' AND month
            """
        try await database.execute("\(close) < '\(Self.firstDay)'")
        let path = "/v1/credits/c"
        let early = Self.body(team).replacing(Self.firstDay, with: "2026-01-31")
        let reply = try await team.admin.send("PUT", path, early)
        try reply.expectProblem(422, "invalid_fields", pointer: "/valid_from")
        #expect(reply.text.contains("must be \(Self.firstDay) or later"))

        _ = try await team.admin.json("PUT", path, Self.body(team), status: 201)
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        try await database.execute("\(close) = '\(Self.firstDay)'")
        try await team.admin.send("DELETE", path).expectProblem(409, "credit_drawn")
        #expect(
            try await team.admin.json("PUT", path, Self.body(team)).money("drawn_usd") == Decimal(string: "0.01375"))
    }
}
