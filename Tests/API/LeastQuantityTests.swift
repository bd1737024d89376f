import Foundation
import JSON
import Testing

@Suite("A least quantity and a moment over the API") struct LeastQuantityTests {
    private static func quote(_ body: String) async throws -> JSONValue {
        try await PurserServer.shared.admin.json("POST", "/v1/quote", body)
    }

    @Test(
        "Groq charges ten seconds of audio at the least, and a quote shows what was used and what is billed",
        arguments: [
            ("whisper-large-v3", 3, 10, "0.0003083"), ("whisper-large-v3", 10, nil, "0.0003083"),
            ("whisper-large-v3", 12, nil, "0.00036996"), ("whisper-large-v3-turbo", 1, 10, "0.0001111"),
        ] as [(String, Int64, Int64?, String)])
    func groq(model: String, seconds: Int64, billed: Int64?, usd: String) async throws {
        let quote = try await Self.quote(
            #"{"model":"\#(model)","provider":"groq","usage":{"input_tokens":0,"output_tokens":0,"audio_input_seconds":\#(seconds)}}"#
        )
        let line = try #require(quote.list("lines").first)
        #expect(line["quantity"]?.integer == seconds && line["billed_quantity"]?.integer == billed)
        #expect(try line.money("amount_usd") == Decimal(string: usd))
        // A cost is rounded to nanodollars.
        #expect(try abs(quote.money("cost_usd") - Decimal(string: usd)!) < Decimal(string: "0.000000001")!)
        let command = try await Team().purser(
            "quote", "groq/\(model)", "--input", "0", "--output", "0", "--meter", "audio_input_seconds=\(seconds)")
        command.expect(0, output: true)
        #expect(command.output.contains("BILLED") == (billed != nil))
    }

    @Test("is held and charged") func held() async throws {
        let team = try await Team()
        try await team.setBudget()
        let verdict = try await team.admin.json(
            "POST", "/v1/authorize",
            #"""
            {"request_id":"r-\#(team.name)","team":"\#(team.name)","model":"groq/whisper-large-v3","input_tokens":0,
            "max_output_tokens":0,"bounds":{"audio_input_seconds":3}}
            """#)
        #expect(try verdict.money("estimated_cost_usd") == Decimal(string: "0.0003083"))
        let usage = #"{"input_tokens":0,"output_tokens":0,"audio_input_seconds":3}"#
        let receipt = try await team.admin.json(
            "POST", "/v1/settle", #"{"hold_id":"\#(try verdict.text("hold_id"))","usage":\#(usage)}"#)
        #expect(try receipt.money("cost_usd") == Decimal(string: "0.0003083"))
        #expect(try receipt.money("overrun_usd") == 0)
        #expect(try await team.budget().money("spent_usd") == Decimal(string: "0.0003083"))
    }

    @Test("a price list shows the least")
    func listed() async throws {
        let team = try await Team()
        let rows = try await team.admin.json("GET", "/v1/prices?provider=groq&model=whisper-large-v3").list("prices")
        #expect(rows.map { $0["least_quantity"]?.integer } == [10, 10])
        for command in [["price", "list", "--model", "whisper-large-v3"], ["price", "show", "groq/whisper-large-v3"]] {
            let shown = try await team.purser(command + ["--output", "csv"])
            shown.expect(0)
            #expect(shown.lines[0].contains("least_quantity"))
            let row = ",groq,whisper-large-v3,audio_input_seconds,standard,0,,,0.00003083,10,"
            #expect(shown.lines.contains { $0.contains(row) })
        }
    }

    @Test("an agreed rate says its own, and is refused where it cannot have one")
    func agreed() async throws {
        let team = try await Team()
        func rate(_ fields: String) -> String {
            #"{"team":"\#(team.name)","model":"whisper-large-v3","provider":"groq","valid_from":"2026-01-01T00:00:00Z","rates":[{"unit_price_usd":"0.00001",\#(fields)}]}"#
        }
        let path = "/v1/agreements/l-\(team.name)"
        for (fields, pointer) in [
            (#""meter":"audio_input_seconds","least_quantity":-1"#, "/rates/0/least_quantity"),
            (#""meter":"audio_input_seconds","least_quantity":1.5"#, "/rates/0/least_quantity"),
            (#""meter":"audio_input_seconds","least_quantity":0"#, "/rates/0/least_quantity"),
            (#""meter":"input_tokens","least_quantity":10"#, "/rates/0/least_quantity"),
        ] {
            try await team.admin.send("PUT", path, rate(fields)).expectProblem(422, "invalid_fields", pointer: pointer)
        }
        let made = try await team.admin.json(
            "PUT", path, rate(#""meter":"audio_input_seconds","least_quantity":5"#), status: 201)
        #expect(try made.list("rates").map { $0["least_quantity"]?.integer } == [5, 5])
        let quote = try await Self.quote(
            #"{"model":"whisper-large-v3","provider":"groq","team":"\#(team.name)","usage":{"input_tokens":0,"output_tokens":0,"audio_input_seconds":3}}"#
        )
        #expect(try quote.money("cost_usd") == Decimal(string: "0.00005"))
        #expect(try quote.money("list_cost_usd") == Decimal(string: "0.0003083"))
        try await team.purser(
            "agreement", "add", "c-\(team.name)", "--team", team.name, "--model", "groq/whisper-large-v3", "--from",
            "2026-01-01", "--rate", "audio_input_seconds=0.00002,least=2"
        ).expect(0, errors: true)
        let listed = try await team.purser("agreement", "list", "--team", team.name, "--output", "csv")
        #expect(listed.output.contains("least_quantity=2"), "\(listed.output)")
    }

    @Test(
        "a file that says either wrongly changes nothing, and the line is told",
        arguments: [
            ("each: {images: {price: \"1\", least: -1}}", "2020-01-01", 14, "least"),
            ("each: {images: {price: \"1\", least: 1.5}}", "2020-01-01", 14, "least"),
            ("each: {images: \"1\"}", "2026-13-40", 12, "from"),
            ("each: {images: \"1\"}", "2026-08-16T16:00:00", 12, "from"),
        ])
    func badFile(entry: String, from: String, line: Int, field: String) async throws {
        let admin = try await PurserServer.shared.admin
        let text = PriceTests.file("least").replacing("2020-01-01", with: from) + "        \(entry)\n"
        let reply = try await admin.send("POST", "/v1/prices/import", text, type: "application/yaml")
        try reply.expectProblem(422, "invalid_fields")
        let detail = try reply.json.text("detail")
        #expect(detail.contains("the file:\(line): ") && detail.contains("\(field) must be "), "\(detail)")
        #expect(try await admin.json("GET", "/v1/prices?provider=test-least").list("prices").isEmpty)
    }

    @Test("prices begin at the moment that an import names, to the second")
    func moment() async throws {
        let admin = try await PurserServer.shared.admin
        let provider = "p" + UUID().uuidString.prefix(8).lowercased()
        for (input, query) in [("2", ""), ("4", "?effective_from=2026-08-16T18:00:00%2B02:00")] {
            let reply = try await admin.send(
                "POST", "/v1/prices/import\(query)", PriceTests.file(provider, input: input), type: "application/yaml")
            try #require(reply.status == 200, "\(reply.text)")
        }
        for (time, usd) in [("15:59:59", "2"), ("15:59:59.999999", "2"), ("16:00:00", "4")] {
            let quote = try await Self.quote(
                #"{"model":"model-of-\#(provider)","at":"2026-08-16T\#(time)Z","usage":{"input_tokens":1000000,"output_tokens":0}}"#
            )
            #expect(try quote.money("cost_usd") == Decimal(string: usd), "\(time)")
        }
        let rows = try await admin.json("GET", "/v1/prices?provider=test-\(provider)").list("prices")
        #expect(rows.contains { $0["valid_from"]?.string == "2026-08-16T16:00:00Z" })
        try await admin.send(
            "POST", "/v1/prices/import?effective_from=2026-08-16T16:00:00", PriceTests.file(provider),
            type: "application/yaml"
        ).expectProblem(422, "invalid_fields", pointer: "/effective_from")
    }
}
