import Foundation
import JSON
import Testing

@Suite struct PriceTests {
    private static let fields: [String: Shape] = [
        "id": .integer, "provider": .text, "model": .text, "meter": .text, "service_tier": .text,
        "above_context_tokens": .integer, "region": .orNull(.text), "hours": .orNull(.text), "unit_price_usd": .money,
        "least_quantity": .orNull(.integer),
        "valid_from": .time, "valid_until": .orNull(.time),
        "source": .text, "superseded_by": .orNull(.integer),
    ]

    /// A price file of a provider that only one test uses.
    static func file(_ provider: String, input: String = "2.50") -> String {
        """
        provider: test-\(provider)
        maker: true
        source: the price list of a test
        retrieved: 2026-01-01
        currency: USD
        per: 1000000 tokens
        models:
          model-of-\(provider):
            max_input_tokens: 10000
            max_output_tokens: 100
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "\(input)", output_tokens: "10"}

        """
    }

    @Test("a region and the hours of the week decide the price; a settlement is priced where its hold was")
    func places()
        async throws
    {
        let team = try await Team()
        let provider = Self.unique()
        let file =
            Self.file(provider) + """
                        regions:
                          eu: {standard: {input_tokens: "5", output_tokens: "20"}}
                        hours:
                          sun 00:00-24:00: {standard: {input_tokens: "1", output_tokens: "4"}}
                """
        let reply = try await team.admin.send("POST", "/v1/prices/import", file, type: "application/yaml")
        try #require(reply.status == 200, "\(reply.text)")
        let model = "model-of-\(provider)"
        let rows = try await team.admin.json("GET", "/v1/prices?model=\(model)").list("prices")
        for row in rows { row.expect(Self.fields) }
        #expect(rows.count == 6)
        #expect(rows.count { $0["region"]?.string == "eu" } == 2)
        #expect(rows.count { $0["hours"]?.string == "sun 00:00-24:00" } == 2)
        // 2026-11-21 is a Saturday, 2026-11-22 a Sunday.
        for (day, region, usd) in [
            ("2026-11-21", "", "3.5"), ("2026-11-22", "", "1.4"), ("2026-11-21", #""region":"eu","#, "7"),
            ("2026-11-22", #""region":"eu","#, "7"), ("2026-11-21", #""region":"us","#, "3.5"),
        ] {
            let quote = try await team.admin.json(
                "POST", "/v1/quote",
                #"{"model":"\#(model)",\#(region)"at":"\#(day)T12:00:00Z","usage":{"input_tokens":1000000,"output_tokens":100000}}"#
            )
            #expect(try quote.money("cost_usd") == Decimal(string: usd), "\(day) \(region)")
        }
        let verdict = try await team.authorize("r-1", model: model, more: #","region":"eu""#)
        // The model puts out 100 tokens at the most.
        let settled = try await team.admin.json(
            "POST", "/v1/settle", Team.settlement(try verdict.text("hold_id"), outputTokens: 100))
        #expect(try settled.money("cost_usd") == Decimal(string: "0.008"))
        #expect(try settled.money("overrun_usd") == 0)
    }

    @Test("calls without a price are priced when one arrives, and rated again when it was wrong") func late()
        async throws
    {
        let team = try await Team()
        let provider = Self.unique()
        let model = "model-of-\(provider)"
        let day = Date().formatted(.iso8601.year().month().day())
        func report(_ count: String) async throws -> String {
            let reply = try await team.admin.json(
                "POST", "/v1/usage",
                #"{"events":[{"id":"late-\#(provider)","team":"\#(team.name)","model":"\#(model)","usage":{"input_tokens":1000000,"output_tokens":0}}]}"#
            )
            #expect(reply.source.contains("\"\(count)\":1"), "\(reply.source)")
            let warning = try #require(try reply.list("warnings").first)
            #expect(try warning.text("code") == "unpriced")
            return try warning.text("message")
        }
        #expect(try await report("accepted") == "The price book has no model \(model), so the call is unpriced.")
        let metrics = try await team.admin.send("GET", "/metrics", "").text
        #expect(metrics.contains(#/purser_unpriced_calls_total [1-9]/#))
        func monthly() async throws -> JSONValue {
            try await team.admin.json("GET", "/v1/reports/monthly?month=\(day.prefix(7))&team=\(team.name)").list(
                "rows")[0]
        }
        #expect(try await monthly()["cost_usd"]?.isNull == true)
        #expect(try await monthly()["unpriced_calls"]?.integer == 1)

        func importPrice(_ usd: String) async throws {
            let reply = try await team.admin.send(
                "POST", "/v1/prices/import", Self.file(provider, input: usd), type: "application/yaml")
            try #require(reply.status == 200, "\(reply.text)")
        }
        try await importPrice("2.50")
        try await Eventually.holds("the call is priced") {
            try await monthly()["unpriced_calls"]?.integer == 0
        }
        #expect(try await monthly().money("cost_usd") == Decimal(string: "2.5"))
        // The entry itself stays as it was recorded.
        #expect(
            try await report("duplicates") == "The call had no price when it was recorded; a correction prices it.")

        try await importPrice("2.25")
        for (isDryRun, corrected) in [(true, 1), (false, 1), (false, 0)] {
            let answer = try await team.admin.json(
                "POST", "/v1/prices/rerate", #"{"from":"\#(day)","model":"\#(model)","dry_run":\#(isDryRun)}"#)
            answer.expect(Self.rerate)
            #expect(answer["corrected_calls"]?.integer == Int64(corrected) && answer["is_booked"]?.bool == !isDryRun)
            #expect(try answer.money("difference_usd") == (corrected == 1 ? Decimal(string: "-0.25") : 0))
            for team in try answer.list("teams") { team.expect(Self.rerateTeam) }
            let reasons = try answer.list("reasons")
            for reason in reasons { reason.expect(Self.rerateReason) }
            #expect(
                try reasons.map { try $0.text("detail") }
                    == (corrected == 0
                        ? []
                        : ["input_tokens of test-\(provider)/\(model): 2.50 → 2.25 USD per million since 2020-01-01"]))
        }
        #expect(try await monthly().money("cost_usd") == Decimal(string: "2.25"))
        let rows = try await team.admin.json("GET", "/v1/reports/rerates?month=\(day.prefix(7))&team=\(team.name)")
            .list("rows")
        #expect(try rows.map { try $0.money("difference_usd") } == [Decimal(string: "2.25")])
        #expect(rows[0]["newly_priced"]?.integer == 1 && rows[0]["repriced"]?.integer == 1)
        let entries = try await team.admin.json("GET", "/v1/usage?team=\(team.name)").list("entries")
        #expect(entries.map { $0["kind"]?.string } == ["usage", "adjustment", "adjustment"])
        #expect(entries[1...].allSatisfy { $0["corrects_entry_id"]?.string == entries[0]["entry_id"]?.string })
    }

    @Test(
        "a re-rating that cannot be meant is refused",
        arguments: [
            ("/from", "{}"), ("/from", #"{"from":"2026-02-30"}"#), ("/from", #"{"from":20260201}"#),
            ("/to", #"{"from":"2026-11-02","to":"2026-11-01"}"#), ("/to", #"{"from":"2026-11-02","to":"soon"}"#),
            ("/provider", #"{"from":"2026-11-02","provider":"openai"}"#),
            ("/provider", #"{"from":"2026-11-02","model":"gpt-oss-120b"}"#),
            ("/dry_run", #"{"from":"2026-11-02","dry_run":"no"}"#), ("/since", #"{"from":"2026-11-02","since":1}"#),
        ])
    func refusedRerate(pointer: String, body: String) async throws {
        let problem = try await PurserServer.shared.admin.send("POST", "/v1/prices/rerate", body)
        #expect(problem.status == 422)
        #expect(try problem.json.list("errors").map { $0["pointer"]?.string } == [pointer], "\(problem.text)")
    }

    @Test("a hard budget that says so admits a model without a price, and is charged once there is one") func admitted()
        async throws
    {
        let team = try await Team()
        let provider = Self.unique()
        let model = "model-of-\(provider)"
        try await team.setBudget(limit: "5")
        #expect(try await team.authorize("r-1", model: model)["reason"]?["code"]?.string == "model_not_priced")
        #expect(
            try await team.setBudget(limit: "5", more: #","unpriced":"admit""#, status: 200)["unpriced"]?.string
                == "admit")
        let verdict = try await team.authorize("r-1", model: model)
        #expect(verdict["verdict"]?.string == "admit" && verdict["estimated_cost_usd"]?.isNull == true)
        let settled = try await team.admin.json("POST", "/v1/settle", Team.settlement(try verdict.text("hold_id")))
        #expect(settled["unpriced"]?.bool == true)
        #expect(try await team.budget().money("spent_usd") == 0)
        let reply = try await team.admin.send(
            "POST", "/v1/prices/import", Self.file(provider), type: "application/yaml")
        try #require(reply.status == 200, "\(reply.text)")
        try await Eventually.holds("the budget is charged") {
            try await team.budget().money("spent_usd") == Decimal(string: "0.0061")
        }
    }

    private static let rerate: [String: Shape] = [
        "from": .text, "to": .text, "calls": .integer, "corrected_calls": .integer, "unpriced_calls": .integer,
        "refused_calls": .integer, "difference_usd": .money, "is_booked": .flag, "reasons": .list, "teams": .list,
    ]
    private static let rerateReason: [String: Shape] = [
        "reason": .text, "provider": .orNull(.text), "model": .orNull(.text), "detail": .text, "calls": .integer,
        "difference_usd": .money,
    ]
    private static let rerateTeam: [String: Shape] = [
        "team": .text, "corrected_calls": .integer, "newly_priced_calls": .integer, "unpriced_calls": .integer,
        "refused_calls": .integer, "before_usd": .money, "after_usd": .money, "difference_usd": .money,
    ]

    private static let change: [String: Shape] = [
        "added": .integer, "ended": .integer, "unchanged": .integer, "models": .list, "changes": .list,
        "skipped": .list,
        "warnings": .list,
    ]

    private static let changedRow: [String: Shape] = [
        "provider": .text, "model": .text, "meter": .text, "service_tier": .text, "above_context_tokens": .integer,
        "region": .orNull(.text), "hours": .orNull(.text), "former_unit_price_usd": .orNull(.money),
        "unit_price_usd": .money, "former_least_quantity": .orNull(.integer), "least_quantity": .orNull(.integer),
        "valid_from": .time, "valid_until": .orNull(.time),
    ]

    @Test("an import says of each row what was charged before")
    func changes() async throws {
        let admin = try await PurserServer.shared.admin
        let provider = Self.unique()
        func rows(_ input: String, _ query: String = "") async throws -> [String] {
            let reply = try await admin.send(
                "POST", "/v1/prices/import\(query)", Self.file(provider, input: input), type: "application/yaml")
            try #require(reply.status == 200, "\(reply.text)")
            let changes = try reply.json.list("changes")
            for change in changes { change.expect(Self.changedRow) }
            return try changes.map {
                "\(try $0.text("meter")) \($0["former_unit_price_usd"]?.string ?? "-") \(try $0.text("unit_price_usd"))"
            }
        }
        #expect(try await rows("2.50") == ["input_tokens - 0.0000025", "output_tokens - 0.00001"])
        #expect(try await rows("3", "?dry_run=true") == ["input_tokens 0.0000025 0.000003"])
        #expect(try await rows("3") == ["input_tokens 0.0000025 0.000003"])
        #expect(try await rows("3").isEmpty)
    }

    private static func unique() -> String { "p" + UUID().uuidString.prefix(8).lowercased() }

    @Test("prices are imported once, and then charge")
    func importOnce() async throws {
        let team = try await Team()
        let provider = Self.unique()
        let model = "model-of-\(provider)"
        #expect(try await team.authorize("p-1", model: model)["reason"]?["code"]?.string == nil)
        for (query, added, unchanged) in [("?dry_run=true", 2, 0), ("", 2, 0), ("?format=purser", 0, 2)] {
            let reply = try await team.admin.send(
                "POST", "/v1/prices/import\(query)", Self.file(provider), type: "application/yaml")
            try #require(reply.status == 200, "\(reply.text)")
            try reply.json.expect(Self.change)
            #expect(try reply.json["added"]?.integer == Int64(added), "\(query)")
            #expect(try reply.json["unchanged"]?.integer == Int64(unchanged), "\(query)")
        }
        let prices = try await team.admin.json("GET", "/v1/prices?model=\(model)").list("prices")
        for price in prices { price.expect(Self.fields) }
        #expect(
            Set(try prices.map { try $0.money("unit_price_usd") }) == [
                Decimal(string: "0.0000025")!, Decimal(string: "0.00001")!,
            ])
        let quote = try await team.admin.json(
            "POST", "/v1/quote", #"{"model":"\#(model)","usage":{"input_tokens":1000000,"output_tokens":1}}"#)
        #expect(try quote.money("cost_usd") == Decimal(string: "2.50001"))
    }

    @Test("a map of litellm is imported exactly, and what is left out is told with the reason")
    func importMap() async throws {
        let admin = try await PurserServer.shared.admin
        let provider = Self.unique()
        let map = """
            {"\(provider)/m": {"litellm_provider": "\(provider)", "mode": "chat", "input_cost_per_token": 2.5e-06,
              "output_cost_per_token": 1.0000000000000001e-05, "input_cost_per_pixel": 0.04},
             "\(provider)/picture": {"litellm_provider": "\(provider)", "input_cost_per_pixel": 0.04}}
            """
        for (added, unchanged) in [(2, 0), (0, 2)] {
            let reply = try await admin.send("POST", "/v1/prices/import?format=litellm", map)
            try #require(reply.status == 200, "\(reply.text)")
            try reply.json.expect(Self.change)
            #expect(try reply.json["added"]?.integer == Int64(added))
            #expect(try reply.json["unchanged"]?.integer == Int64(unchanged))
            let skipped = try reply.json.list("skipped").map(\.source)
            #expect(
                skipped == [#"{"model":"\#(provider)/picture","reason":"no price of anything that Purser meters"}"#])
            let warnings = try reply.json.list("warnings").map(\.source)
            #expect(
                warnings == [
                    #"{"code":"fields_not_taken","message":"Of \#(provider)/m, fields that seem to concern the price were not taken; "#
                        + #"figures were taken without the noise in their last digits.","model":"\#(provider)/m","fields":["input_cost_per_pixel"],"#
                        + #""shortened":["output_cost_per_token"]}"#
                ])
        }
        let usage = #"{"model":"\#(provider)/m","usage":{"input_tokens":1000000,"output_tokens":1}}"#
        #expect(try await admin.json("POST", "/v1/quote", usage).money("cost_usd") == Decimal(string: "2.50001"))
    }

    @Test("a map that is no JSON, or no map, changes nothing", arguments: [("provider: x", 400), ("[]", 422)])
    func badMap(text: String, status: Int) async throws {
        let reply = try await PurserServer.shared.admin.send("POST", "/v1/prices/import?format=litellm", text)
        #expect(reply.status == status, "\(reply.text)")
    }

    @Test("a check tells of calls that were not priced, and only a team of its own")
    func check() async throws {
        let team = try await Team()
        let model = "nobody-sells-\(team.name)"
        _ = try await team.admin.json(
            "POST", "/v1/usage",
            """
            {"events": [{"id": "c-\(team.name)", "source": "test", "occurred_at": "\(Date().ISO8601Format())",
            "team": "\(team.name)", "model": "\(model)", "usage": {"input_tokens": 1, "output_tokens": 1}}]}
            """)
        let other = try await Team()
        for (client, isTold) in [
            (team.admin, true), (try await team.token("team"), true), (try await other.token("team"), false),
        ] {
            let findings = try await client.json("GET", "/v1/prices/check").list("findings")
            #expect(findings.contains { $0["model"]?.string == model } == isTold)
            for finding in findings {
                finding.expect(["kind": .text, "model": .text, "provider": .orNull(.text), "detail": .text])
            }
        }
        let command = try await team.purser("price", "check", "--output", "csv")
        command.expect(1, output: true)
        #expect(command.lines.contains { $0.hasPrefix("unpriced_in_use,,\(model),") })
    }

    @Test("a name leads to its model, and the rule is told")
    func resolve() async throws {
        let admin = try await PurserServer.shared.admin
        for name in ["claude-opus-4-5", "anthropic/claude-opus-4-5"] {
            let found = try await admin.json("GET", "/v1/prices/resolve?model=\(name.replacing("/", with: "%2F"))")
            found.expect([
                "model": .text, "provider": .text, "rule": .text, "retired_on": .orNull(.text), "price_book": .object,
                "prices": .list,
            ])
            #expect(try found.text("model") == "claude-opus-4-5" && found.text("provider") == "anthropic")
        }
        try await admin.send("GET", "/v1/prices/resolve?model=no-such-model").expectProblem(404, "not_found")
        try await admin.send("GET", "/v1/prices/resolve?model=gpt-oss-120b")
            .expectProblem(422, "invalid_fields", pointer: "/model")
    }

    @Test(
        "a file that is none changes nothing",
        arguments: [
            "", "[]", "provider: x", "{{{{", "\u{0}",
            file("bad").replacing("2.50", with: "-1"), file("bad").replacing("2.50", with: "cheap"),
            file("bad").replacing("USD", with: "EUR"),
            file("bad").replacing("per: 1000000 tokens", with: "per: 7 tokens"),
            file("bad").replacing("2020-01-01", with: "2020-02-31"), file("bad") + "surprise: 1\n",
        ])
    func badFile(text: String) async throws {
        let admin = try await PurserServer.shared.admin
        try await admin.send("POST", "/v1/prices/import", text, type: "application/yaml")
            .expectProblem(422, "invalid_fields")
        #expect(try await admin.json("GET", "/v1/prices?provider=test-bad").list("prices").isEmpty)
    }

    @Test("a file that would make a model too large for the servers changes nothing, and says which and why")
    func tooLarge() async throws {
        let admin = try await PurserServer.shared.admin
        let provider = Self.unique()
        let thresholds = (1...33).map { "        above_\($0)_tokens: {standard: {input_tokens: \"1\"}}\n" }.joined()
        let problem = try await admin.send(
            "POST", "/v1/prices/import", Self.file(provider) + thresholds, type: "application/yaml")
        try problem.expectProblem(422, "invalid_fields")
        #expect(
            try problem.json.text("detail").contains(
                "test-\(provider)/model-of-\(provider) would have 33 thresholds of the context, more than the 32"))
        #expect(try await admin.json("GET", "/v1/prices?provider=test-\(provider)").list("prices").isEmpty)
    }

    @Test("an end that a file adds to a known price ends it, and the list says which row counts")
    func addedEnd() async throws {
        let admin = try await PurserServer.shared.admin
        let provider = Self.unique()
        let file = Self.file(provider)
        let ended = file.replacing("from: 2020-01-01\n", with: "from: 2020-01-01\n        until: 2026-11-01\n")
        for text in [file, ended] {
            let reply = try await admin.send("POST", "/v1/prices/import", text, type: "application/yaml")
            try #require(reply.status == 200, "\(reply.text)")
        }
        for (day, isUnpriced) in [("2026-10-31", false), ("2026-11-01", true)] {
            let quote = try await admin.json(
                "POST", "/v1/quote",
                #"{"model":"model-of-\#(provider)","at":"\#(day)T12:00:00Z","usage":{"input_tokens":1,"output_tokens":0}}"#
            )
            #expect(quote["unpriced"]?.bool == isUnpriced, "\(day)")
        }
        let rows = try await admin.json("GET", "/v1/prices?provider=test-\(provider)").list("prices")
        for row in rows { row.expect(Self.fields) }
        let counting = rows.filter { $0["superseded_by"]?.isNull == true }
        #expect(try counting.map { try $0.text("valid_until") } == ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"])
        #expect(
            Set(rows.compactMap { $0["superseded_by"]?.integer }) == Set(counting.compactMap { $0["id"]?.integer }))
    }

    @Test("bytes that are no text are refused")
    func noText() async throws {
        try await PurserServer.shared.admin.send("POST", "/v1/prices/import", bytes: [0xFF, 0xFE, 0x00])
            .expectProblem(422, "invalid_fields")
    }

    @Test(
        "a parameter that cannot be read is refused by name",
        arguments: [("format=xml", "/format"), ("effective_from=soon", "/effective_from")])
    func badQuery(query: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("POST", "/v1/prices/import?\(query)", Self.file("query"))
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }
}
