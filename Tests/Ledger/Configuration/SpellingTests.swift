import Accounting
import Postgres
import SeededRandom
import Testing

@testable import Ledger

/// Earlier versions stored names as they came.
@Suite("Rows of one model under several spellings") struct SpellingTests {
    /// Femtodollars, by provider and model, in the order in which the rows were added. All begin on one day.
    private static let rows: [(provider: String, model: String, femtodollars: Int64)] = [
        ("gemini", "Pro", 1), ("google", "pro", 2), ("bedrock_converse", "claude", 3), ("bedrock", "Claude", 4),
        ("openai", "GPT-4o", 5), ("text-completion-openai", "gpt-4O", 6),
    ]

    private static func add(_ random: inout SplitMix64, _ connection: Connection) throws {
        func insert(_ table: SQL) throws { try connection.execute("INSERT INTO " + table) }
        for provider in Set(rows.map(\.provider)).shuffled(using: &random) {
            try insert("price_provider (provider, is_maker) VALUES (\(provider), \(provider == "gemini"))")
        }
        for (place, row) in rows.enumerated().shuffled(using: &random) {
            try insert(
                """
                price_model (provider, model, max_output_tokens)
                VALUES (\(row.provider), \(row.model), \(Int64(place)))
                """)
        }
        try insert("price_model (provider, model, alias_of) VALUES ('gemini', 'newest', 'Pro')")
        for row in rows {
            try insert(
                """
                price (provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit, valid_from, source)
                VALUES (\(row.provider), \(row.model), 'input_tokens', 'standard', 0, \(row.femtodollars), '2026-01-01', 's')
                """)
        }
    }

    @Test("are that model's rows together, and the one added last counts", arguments: 1...4 as ClosedRange<UInt64>)
    func merged(seed: UInt64) async throws {
        try await LedgerFixture.with { fixture in
            var random = SplitMix64(seed: seed)
            let connection = try fixture.connect()
            try Self.add(&random, connection)
            let book = try ConfigurationStore.load(connection).configuration.prices
            for (name, found, femtodollars, maximum) in [
                ("gemini/pro", "google/pro", 2, 1), ("google/PRO", "google/pro", 2, 1), ("newest", "google/pro", 2, 1),
                ("google/newest", "google/pro", 2, 1), ("claude", "bedrock/claude", 4, 3),
                ("bedrock_converse/Claude", "bedrock/claude", 4, 3), ("gpt-4o", "openai/GPT-4o", 6, 5),
                ("text-completion-openai/gpt-4o", "openai/GPT-4o", 6, 5),
            ] as [(String, String, Int64, Int64)] {
                guard case .priced(let model) = book.resolve(name) else {
                    Issue.record("\(name) has no price")
                    continue
                }
                #expect(model.name.description == found && model.maximumOutputTokens == maximum, "\(name)")
                let card = model.card(tier: .standard, contextTokens: 1, at: Timestamp(dayOrTime: "2026-02-01")!)
                #expect(card?.rate(for: .input)?.halfFemtodollarsPerUnit == femtodollars * 2, "\(name)")
            }
            // Entries and agreements name what was stored.
            #expect(
                Self.rows.allSatisfy {
                    book.models[ModelName(provider: $0.provider, model: $0.model)]?.prices.count == 2
                })
            let listed = try PriceStore.list(model: "PRO", provider: "google", connection)
            #expect(listed.map(\.price.model.description) == ["gemini/Pro", "google/pro"])
            #expect(listed.map(\.supersededBy) == [listed[1].price.id, nil])
        }
    }
}
