import Foundation
import JSON
import Testing

@Suite struct QuoteTests {
    private static let fields: [String: Shape] = [
        "cost_usd": .orNull(.money), "list_cost_usd": .orNull(.money), "agreement": .orNull(.text), "unpriced": .flag,
        "model": .text, "provider": .orNull(.text), "rule": .orNull(.text), "lines": .list, "warnings": .list,
    ]
    private static let lineFields: [String: Shape] = [
        "meter": .text, "quantity": .integer, "unit_price_usd": .orNull(.money), "amount_usd": .orNull(.money),
        "price_id": .orNull(.integer),
    ]

    @Test("a quote is the sum of its lines")
    func quote() async throws {
        let admin = try await PurserServer.shared.admin
        let quote = try await admin.json(
            "POST", "/v1/quote",
            #"""
            {"model":"claude-opus-4-5","provider":"anthropic","service_tier":"standard","usage_format":"purser",
            "at":"2026-10-01T00:00:00Z",
            "usage":{"input_tokens":1200,"output_tokens":310,"cache_read_tokens":1000,"reasoning_tokens":10}}
            """#)
        quote.expect(Self.fields)
        var sum: Decimal = 0
        for line in try quote.list("lines") {
            line.expect(Self.lineFields)
            let quantity = try #require(line["quantity"]?.integer)
            #expect(try line.money("amount_usd") == line.money("unit_price_usd") * Decimal(quantity))
            sum += try line.money("amount_usd")
        }
        #expect(try quote.money("cost_usd") == sum && sum == Decimal(string: "0.00925"))
    }

    private static func warnings(_ quote: JSONValue) throws -> [String] {
        try quote.list("warnings").map { warning in
            #expect(try warning.text("code") == "unpriced")
            return try warning.text("message")
        }
    }

    @Test("batch is half, and a model that nobody sells is unpriced")
    func tiersAndUnpriced() async throws {
        let admin = try await PurserServer.shared.admin
        let usage = #""usage":{"input_tokens":1200,"output_tokens":310}"#
        let batch = try await admin.json(
            "POST", "/v1/quote", #"{"model":"claude-opus-4-5","service_tier":"batch",\#(usage)}"#)
        #expect(try batch.money("cost_usd") == Decimal(string: "0.006875"))
        // The provider's own usage object can state the tier instead.
        let served = try await admin.json(
            "POST", "/v1/quote",
            #"{"model":"claude-opus-4-5","usage":{"input_tokens":1200,"output_tokens":310,"service_tier":"batch"}}"#)
        #expect(try served.money("cost_usd") == Decimal(string: "0.006875"))
        let unpriced = try await admin.json("POST", "/v1/quote", #"{"model":"no-such-model",\#(usage)}"#)
        unpriced.expect(Self.fields)
        #expect(unpriced["unpriced"]?.bool == true && unpriced["cost_usd"]?.isNull == true)
        #expect(try Self.warnings(unpriced) == ["The price book has no model no-such-model, so the call is unpriced."])
        let images = try await admin.json(
            "POST", "/v1/quote", #"{"model":"claude-opus-4-5","usage":{"input_tokens":1,"images":2}}"#)
        #expect(
            try Self.warnings(images) == [
                "anthropic/claude-opus-4-5 has no standard price for images, so the call is unpriced."
            ])
        for line in try unpriced.list("lines") { line.expect(Self.lineFields) }
    }
}
