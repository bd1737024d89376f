import Foundation
import JSON
import Testing

@Suite("The release of the price book") struct PriceBookTests {
    @Test("is told by prices, names, checks, reports and metrics alike, and by the tables of the command")
    func shown() async throws {
        let team = try await Team()
        let admin = team.admin
        let book = try #require(try await admin.json("GET", "/v1/prices?model=claude-opus-4-5")["price_book"])
        book.expect(["version": .text, "date": .text])
        let (version, date) = (try book.text("version"), try book.text("date"))
        #expect(date.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil)
        for path in ["/v1/prices/resolve?model=claude-opus-4-5", "/v1/reports/monthly", "/v1/reports/models"] {
            #expect(try await admin.json("GET", path)["price_book"]?.source == book.source, "\(path)")
        }
        let metrics = try await admin.send("GET", "/metrics").text
        #expect(metrics.contains("purser_price_book_info{version=\"\(version)\",date=\"\(date)\"} 1\n"))
        let seconds = Int(try Date("\(date)T00:00:00Z", strategy: .iso8601).timeIntervalSince1970)
        #expect(metrics.contains("purser_price_book_date_seconds \(seconds)\n"))
        #expect(metrics.contains("# HELP purser_price_book_date_seconds "))

        let table = try await team.purser("report", "monthly", "--team", team.name)
        table.expect(0)
        #expect(table.lines.last.map(String.init) == "Price book \(version) of \(date).")
        for format in ["csv", "json"] {
            let other = try await team.purser("report", "monthly", "--team", team.name, "--format", format)
            #expect(!other.output.contains("Price book"), "\(format)")
        }
    }

    @Test("coverage is told where it is asked for, a team's own to a team")
    func coverage() async throws {
        let team = try await Team()
        let calls = [("claude-opus-4-5", "a"), ("claude-opus-4-5", "b"), ("nobody-sells-\(team.name)", "c")].map {
            #"{"id":"\#($1)-\#(team.name)","team":"\#(team.name)","model":"\#($0)","usage":{"input_tokens":1,"output_tokens":1}}"#
        }
        _ = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(calls.joined(separator: ","))]}"#)
        let client = try await team.token("team")
        #expect(try await client.json("GET", "/v1/prices/check")["coverage"] == nil)
        let answer = try #require(try await client.json("GET", "/v1/prices/check?coverage=true")["coverage"])
        answer.expect([
            "days": .integer, "calls": .integer, "priced_calls": .integer, "share": .money, "providers": .list,
            "price_book": .object, "sources": .list,
        ])
        #expect(answer["calls"]?.integer == 3 && answer["priced_calls"]?.integer == 2)
        #expect(try answer.text("share") == "0.666666")
        let providers = try answer.list("providers").map(\.source)
        #expect(providers == [#"{"provider":null,"calls":1,"priced_calls":0,"share":"0"}"#])
        for source in try answer.list("sources") {
            source.expect(["source": .text, "models": .integer, "priced_models": .integer, "share": .orNull(.money)])
        }
        #expect(try await team.admin.json("GET", "/v1/prices/check?coverage=true")["coverage"]!["calls"]!.integer! >= 3)
        try await client.send("GET", "/v1/prices/check?coverage=maybe")
            .expectProblem(422, "invalid_fields", pointer: "/coverage")

        let command = try await team.purser("price", "check", "--coverage")
        command.expect(1, output: true)
        #expect(
            command.lines.contains { $0.contains(/^[0-9.]+% of .* calls? of the last 31 days ha(s|ve) a price\.$/) })
        #expect(command.lines.contains { $0.hasPrefix("  litellm ") })
    }

    @Test("a server without calls or a release says nothing of either, and of both once they are there")
    func metrics() async throws {
        let database = try await OwnDatabase.migrated()
        func metrics() async throws -> (text: String, start: String) {
            let server = try await PurserServer(in: try ScratchDirectory(), database: database.connection)
            var text = ""
            try await Eventually.holds("maintenance has run") {
                text = try await server.admin.send("GET", "/metrics").text
                return text.contains(/purser_maintenance_portions_total\{task="price_coverage"\} [1-9]/)
            }
            return (text, server.log)
        }
        let first = try await metrics()
        #expect(first.text.contains("purser_price_book_info{") && !first.text.contains("purser_priced_calls_ratio"))
        #expect(first.start.contains(/price_book=?.*20[0-9.]+ of 20[0-9-]+/))
        try await database.execute(
            """
            TRUNCATE price_release, price_release_source;
            INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2,
                tag_3, tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, list_cost_nanodollars, effective_cost_nanodollars,
                saved_nanodollars)
            SELECT date_trunc('month', day)::date, day, 't', '', 'p', 'm', 'standard', 'ok', '', '', '', '', 8, 8, 2, 0, 0,
                0, 0, 0, 0, 0, 0, 0
            FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) d;
            """)
        let second = try await metrics()
        #expect(second.text.contains("purser_priced_calls_ratio 0.75\n"))
        #expect(!second.text.contains("purser_price_book"))
    }

    @Test("a later file that leaves something out is taken, and what stays as it was is told")
    func leftOut() async throws {
        let team = try await Team()
        let file = PriceTests.file(team.name)
        let whole = file + "        batch: {input_tokens: \"1\", output_tokens: \"5\"}\n"
        func warnings(_ body: String, _ query: String = "", type: String = "application/yaml") async throws -> [String]
        {
            let reply = try await team.admin.send("POST", "/v1/prices/import\(query)", body, type: type)
            try #require(reply.status == 200, "\(reply.text)")
            return try reply.json.list("warnings").map(\.source)
        }
        #expect(try await warnings(whole).isEmpty)
        let model = "model-of-\(team.name)"
        let message = "batch prices of \(model) are not in this file: they stay as they were."
        for query in ["?dry_run=true", ""] {
            #expect(
                try await warnings(file, query) == [
                    #"{"code":"left_out","message":"\#(message)","model":"\#(model)","fields":[]}"#
                ])
        }
        let command = try await team.purser("price", "import", "-", input: file)
        command.expect(0, output: true)
        #expect(command.errors.split(separator: "\n").contains { $0 == message })

        // A map says of most models less than the book: one line for all of them.
        let map =
            #"{"test-\#(team.name)/\#(model)": {"litellm_provider": "test-\#(team.name)", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}}"#
        #expect(
            try await warnings(map, "?format=litellm&dry_run=true", type: "application/json") == [
                #"{"code":"left_out","message":"The map does not have all prices of 1 model: what it leaves out stays as it was. For example, \#(message)","model":null,"fields":[]}"#
            ])
    }

    @Test("a retired model is told as that where it is looked up, and found where it is still called")
    func retired() async throws {
        let team = try await Team()
        let model = "model-of-\(team.name)"
        let file = PriceTests.file(team.name).replacing(
            "    max_input_tokens", with: "    retired: 2026-07-24\n    max_input_tokens")
        try await team.purser("price", "import", "-", input: file).expect(0)
        let found = try await team.admin.json("GET", "/v1/prices/resolve?model=\(model)")
        #expect(try found.text("retired_on") == "2026-07-24")
        let shown = try await team.purser("price", "show", model)
        shown.expect(0, output: true)
        #expect(shown.errors.contains("Retirement by its provider, as far as the price book knows: 2026-07-24.\n"))
        _ = try await team.admin.json(
            "POST", "/v1/usage",
            #"{"events":[{"id":"r-\#(team.name)","team":"\#(team.name)","model":"\#(model)","usage":{"input_tokens":1}}]}"#
        )
        let findings = try await team.token("team").json("GET", "/v1/prices/check").list("findings")
        #expect(
            findings.first { $0["kind"]?.string == "retired_in_use" }?.source
                == #"{"kind":"retired_in_use","model":"\#(model)","provider":"test-\#(team.name)","detail":"retired on 2026-07-24, as far as its sources know; 1 later call of the last 31 days is charged at its last price"}"#
        )
    }
}
