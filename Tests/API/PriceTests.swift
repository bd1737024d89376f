import Foundation
import JSON
import Testing

@Suite struct PriceTests {
    private static let fields: [String: Shape] = [
        "id": .integer, "provider": .text, "model": .text, "meter": .text, "service_tier": .text,
        "above_context_tokens": .integer, "unit_price_usd": .money, "valid_from": .time, "valid_until": .orNull(.time),
        "source": .text,
    ]

    /// A price file of a provider that only one test has.
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
            max_input_tokens: 1000
            max_output_tokens: 100
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "\(input)", output_tokens: "10"}

        """
    }

    private static let change: [String: Shape] = [
        "added": .integer, "ended": .integer, "unchanged": .integer, "models": .list, "skipped": .list,
    ]

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

    @Test("a name leads to its model, and the rule is told")
    func resolve() async throws {
        let admin = try await PurserServer.shared.admin
        for name in ["claude-opus-4-5", "anthropic/claude-opus-4-5"] {
            let found = try await admin.json("GET", "/v1/prices/resolve?model=\(name.replacing("/", with: "%2F"))")
            found.expect(["model": .text, "provider": .text, "rule": .text, "prices": .list])
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
