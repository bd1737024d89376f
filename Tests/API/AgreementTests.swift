import Foundation
import JSON
import Testing

@Suite struct AgreementTests {
    private static let fields: [String: Shape] = [
        "name": .text, "team": .orNull(.text), "provider": .orNull(.text), "model": .orNull(.text),
        "valid_from": .time, "valid_until": .orNull(.time), "note": .text, "added_by": .text, "added_at": .time,
    ]
    private static let terms: [String: Shape] = ["discount": .number, "markup": .number, "rates": .list]
    private static let usage = #""usage":{"input_tokens":1200,"output_tokens":400}"#

    private static func body(_ team: Team, _ terms: String, from: String = "2026-01-01T00:00:00Z") -> String {
        #"{"team":"\#(team.name)","valid_from":"\#(from)","note":"of a test",\#(terms)}"#
    }

    private func quote(_ team: Team, at: String = "2026-11-02T00:00:00Z", as client: Client? = nil) async throws
        -> JSONValue
    {
        let named = client == nil ? #""team":"\#(team.name)","# : ""
        return try await (client ?? team.admin).json(
            "POST", "/v1/quote", #"{"model":"claude-opus-4-5",\#(named)"at":"\#(at)",\#(Self.usage)}"#)
    }

    @Test("a discount is held, charged and reported, with the list cost beside it")
    func discount() async throws {
        let team = try await Team()
        try await team.setBudget()
        let path = "/v1/agreements/d-\(team.name)"
        let body = Self.body(team, #""discount":0.125"#)
        let made = try await team.admin.json("PUT", path, body, status: 201)
        made.expect(Self.fields, optional: Self.terms)
        #expect(made["discount"]?.source == "0.125" && made["markup"] == nil && made["rates"] == nil)
        #expect(try await team.admin.json("PUT", path, body).source == made.source)
        // At list prices the estimate is 0.016 USD and the cost 0.01375 USD. The agreement takes 12.5% off.
        let verdict = try await team.authorize("r")
        #expect(try verdict.money("estimated_cost_usd") == Decimal(string: "0.014"))
        let receipt = try await team.admin.json("POST", "/v1/settle", Team.settlement(verdict.text("hold_id")))
        #expect(try receipt.money("cost_usd") == Decimal(string: "0.01203125"))
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.01203125"))
        let entry = try #require(try await team.entries().first)
        #expect(try entry.money("cost_usd") == Decimal(string: "0.01203125"))
        #expect(try entry.money("list_cost_usd") == Decimal(string: "0.01375"))
        for report in ["monthly", "models"] {
            let row = try #require(
                try await team.admin.json("GET", "/v1/reports/\(report)?team=\(team.name)").list("rows").first)
            #expect(try row.money("cost_usd") == Decimal(string: "0.01203125"))
            #expect(try row.money("list_cost_usd") == Decimal(string: "0.01375"))
        }
    }

    @Test(
        "the lines of a quote in the command's CSV add up to its total, whatever was agreed",
        arguments: [
            (#""markup":0.05"#, "0.0168"), (#""discount":0.125"#, "0.014"),
            (#""model":"claude-opus-4-5","rates":[{"meter":"output_tokens","unit_price_usd":"0.00002"}]"#, "0.014"),
            ("", "0.016"),
        ])
    func quotedLines(terms: String, total: String) async throws {
        let team = try await Team()
        if !terms.isEmpty {
            _ = try await team.admin.json(
                "PUT", "/v1/agreements/l-\(team.name)", Self.body(team, terms), status: 201)
        }
        let quote = try await team.purser(
            "quote", "claude-opus-4-5", "--input", "1200", "--output", "400", "--team", team.name, "--format", "csv")
        quote.expect(0)
        let columns = quote.lines[0].split(separator: ",", omittingEmptySubsequences: false)
        let place = try #require(columns.firstIndex(of: "amount_usd"))
        let amounts = quote.lines.dropFirst().map { line in
            Decimal(string: String(line.split(separator: ",", omittingEmptySubsequences: false)[place])) ?? .nan
        }
        #expect(amounts.reduce(0, +) == Decimal(string: total), "\(quote.output)")
    }

    @Test("a quote says which agreement it is under, and a team's own token is its team")
    func quoted() async throws {
        let (team, other) = (try await Team(), try await Team())
        _ = try await team.admin.json(
            "PUT", "/v1/agreements/m-\(team.name)", Self.body(team, #""markup":0.05"#), status: 201)
        let quote = try await quote(team)
        #expect(try quote.text("agreement") == "m-\(team.name)")
        #expect(try quote.money("cost_usd") == Decimal(string: "0.0168"))
        #expect(try quote.money("list_cost_usd") == Decimal(string: "0.016"))
        #expect(try await self.quote(team, as: team.token("team")).source == quote.source)
        #expect(try await self.quote(team, at: "2025-12-31T23:59:59Z")["agreement"]?.isNull == true)
        let list = try await self.quote(other)
        #expect(try list["agreement"]?.isNull == true && list.money("cost_usd") == Decimal(string: "0.016"))
        let foreign = #"{"model":"claude-opus-4-5","team":"\#(other.name)",\#(Self.usage)}"#
        try await team.token("team").send("POST", "/v1/quote", foreign).expectProblem(403, "forbidden")
    }

    @Test("agreed rates take the place of the list's, a piece's in batch too")
    func rates() async throws {
        let team = try await Team()
        let rates = """
            "model":"claude-opus-4-5","rates":[{"meter":"web_searches","unit_price_usd":"0.001"},
            {"meter":"output_tokens","unit_price_usd":"0.00002"}]
            """
        let path = "/v1/agreements/c-\(team.name)"
        let made = try await team.admin.json("PUT", path, Self.body(team, rates), status: 201)
        #expect(try made.text("provider") == "anthropic" && made.list("rates").count == 3)
        // Standard: 1,200 input tokens at the list price of 5e-6 USD, 400 output tokens at the agreed 2e-5 USD. Batch:
        // output has a list price of its own, which applies; a search costs the agreed rate in this tier too.
        #expect(try await quote(team).money("cost_usd") == Decimal(string: "0.014"))
        let batch = try await team.admin.json(
            "POST", "/v1/quote",
            #"""
            {"model":"claude-opus-4-5","team":"\#(team.name)","service_tier":"batch",
            "usage":{"input_tokens":1200,"output_tokens":400,"web_searches":2}}
            """#)
        #expect(try batch.money("cost_usd") == Decimal(string: "0.01"))
        let ids = try made.list("rates").compactMap { $0["price_id"]?.integer }
        #expect(
            try await quote(team).list("lines").compactMap { $0["price_id"]?.integer }.contains { ids.contains($0) })
    }

    @Test("an agreement ends, and is listed for the teams it applies to")
    func end() async throws {
        let (team, other) = (try await Team(), try await Team())
        let name = "e-\(team.name)"
        _ = try await team.admin.json(
            "PUT", "/v1/agreements/\(name)", Self.body(team, #""discount":1"#), status: 201)
        func names(_ client: Client, _ query: String) async throws -> [String] {
            try await client.json("GET", "/v1/agreements\(query)").list("agreements").map { try $0.text("name") }
        }
        #expect(try await names(team.admin, "").contains(name))
        #expect(try await names(team.token("team"), "") == [name])
        #expect(try await names(team.admin, "?team=\(other.name)").contains(name) == false)
        let now = Date().formatted(.iso8601)
        #expect(try await quote(team, at: now).money("cost_usd") == 0)
        #expect(try await team.admin.send("DELETE", "/v1/agreements/\(name)").status == 204)
        #expect(try await quote(team, at: "2999-01-01T00:00:00Z").money("cost_usd") == Decimal(string: "0.016"))
        #expect(try await quote(team).money("cost_usd") == 0)
        try await team.admin.send("DELETE", "/v1/agreements/no-\(name)").expectProblem(404, "not_found")
    }

    @Test(
        "an agreement that makes no sense is refused",
        arguments: [
            ("/discount", ""), ("/discount", #","discount":0"#), ("/discount", #","discount":1.1"#),
            ("/discount", #","discount":"0.1""#), ("/discount", #","discount":0.1,"markup":0.1"#),
            ("/markup", #","markup":9.1"#), ("/model", #","discount":0.1,"model":"no-such-model""#),
            ("/provider", #","discount":0.1,"model":"gpt-oss-120b""#), ("/rates", #","rates":[]"#),
            ("/rates", #","rates":[{"meter":"input_tokens","unit_price_usd":"1"}]"#),
            ("/rates/0/meter", #","model":"gpt-4o","rates":[{"meter":"smiles","unit_price_usd":"1"}]"#),
            ("/rates/0/unit_price_usd", #","model":"gpt-4o","rates":[{"meter":"input_tokens","unit_price_usd":1}]"#),
            (
                "/rates/0/unit_price_usd",
                #","model":"gpt-4o","rates":[{"meter":"input_tokens","unit_price_usd":"1001"}]"#
            ),
            (
                "/rates/1",
                #","model":"gpt-4o","rates":[{"meter":"images","unit_price_usd":"1"},{"meter":"images","unit_price_usd":"2"}]"#
            ),
            (
                "/rates",
                #","model":"gpt-4o","rates":[{"meter":"input_tokens","above_context_tokens":5,"unit_price_usd":"1"}]"#
            ),
            ("/provider", #","discount":0.1,"provider":"antropic""#),
            ("/valid_until", #","discount":0.1,"valid_until":"2025-12-31T00:00:00Z""#),
            ("/discount", #","discount":0.1234567"#), ("/markup", #","markup":1e-1"#),
            ("/x", #","discount":0.1,"x":1"#),
            ("/team", #","discount":0.1,"team":"no team""#),
        ])
    func refused(pointer: String, more: String) async throws {
        try await PurserServer.shared.admin.send(
            "PUT", "/v1/agreements/refused", #"{"valid_from":"2026-01-01T00:00:00Z"\#(more)}"#
        ).expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test("terms never change, and no agreement is made for a team that is not there")
    func fixed() async throws {
        let team = try await Team()
        let path = "/v1/agreements/f-\(team.name)"
        _ = try await team.admin.json("PUT", path, Self.body(team, #""discount":0.1"#), status: 201)
        try await team.admin.send("PUT", path, Self.body(team, #""discount":0.2"#)).expectProblem(
            422, "invalid_fields", pointer: "/discount")
        try await team.admin.send(
            "PUT", path, Self.body(team, #""discount":0.1"#).replacing("of a test", with: "another")
        ).expectProblem(422, "invalid_fields", pointer: "/note")
        let ended = try await team.admin.json(
            "PUT", path, Self.body(team, #""discount":0.1,"valid_until":"2026-06-01T00:00:00Z""#))
        #expect(try ended.text("valid_until") == "2026-06-01T00:00:00Z")
        // This end has passed. A change may move it to an earlier time, but may neither remove it nor move it to a
        // later one.
        let never = Self.body(team, #""discount":0.1,"valid_until":"2026-01-01T00:00:00Z""#)
        for later in ["", #","valid_until":"2999-01-01T00:00:00Z""#] {
            try await team.admin.send("PUT", path, Self.body(team, #""discount":0.1\#(later)"#)).expectProblem(
                422, "invalid_fields", pointer: "/valid_until")
        }
        _ = try await team.admin.json("PUT", path, never)
        #expect(try await quote(team, at: "2026-01-01T00:00:00Z")["agreement"]?.isNull == true)
        try await team.admin.send(
            "PUT", "/v1/agreements/nobody",
            #"{"team":"no-such-team","discount":0.1,"valid_from":"2026-01-01T00:00:00Z"}"#
        ).expectProblem(422, "unknown_team", pointer: "/team")
    }
}
