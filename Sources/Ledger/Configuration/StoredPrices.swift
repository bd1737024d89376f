import Accounting
import Postgres

/// The price book as PostgreSQL returned it. It is read inside a transaction and compiled after it, because compiling
/// takes so long that PostgreSQL would end a session that stays idle in its transaction.
struct StoredPrices {
    private let makers: Rows
    private let prices: Rows
    private let models: Rows
    private let release: PriceRelease?

    init(_ transaction: borrowing Transaction) throws {
        makers = try transaction.query("SELECT provider FROM price_provider WHERE is_maker")
        prices = try PriceStore.query(transaction)
        models = try transaction.query(
            """
            SELECT provider, model, max_input_tokens, max_output_tokens, alias_of FROM price_model
            ORDER BY provider, model
            """)
        release = try PriceReleaseStore.newest(transaction)
    }

    /// Rows of one model under several spellings are its rows together. The other spellings are aliases, because entries
    /// and agreements name them.
    func book() throws -> PriceBook {
        let models = try models.map { row in
            let (provider, model, input, output, aliasOf) = try row.decode(
                (String, String, Int64?, Int64?, String?).self)
            return (
                name: ModelName(provider: provider, model: model), maxima: Maxima(input: input, output: output),
                aliasOf: aliasOf.map { ModelName(provider: provider, model: $0) }
            )
        }
        let spellings = ModelSpellings(models.filter { $0.aliasOf == nil }.map(\.name))
        let rows = Dictionary(
            grouping: try PriceStore.prices(prices).map { $0.named(spellings[$0.model]) }, by: \.model)
        var maxima: [ModelName: Maxima] = [:]
        var aliases: [ModelName: ModelName] = [:]
        for model in models {
            let name = spellings[model.name]
            let target = model.aliasOf.map { spellings[$0] }
            if target == nil { maxima[name] = maxima[name]?.larger(model.maxima) ?? model.maxima }
            // A name that is spelled so itself goes before one that only means it.
            aliases[model.name] = target ?? name
            if let target, aliases[name] == nil { aliases[name] = target }
        }
        let compiled = maxima.map { name, maxima in
            ModelPrices(
                name: name, maximumInputTokens: maxima.input, maximumOutputTokens: maxima.output,
                prices: rows[name] ?? [])
        }
        let makers = try makers.map { ProviderName.canonical(try $0.decode(String.self, at: 0)) }
        return PriceBook(models: compiled, aliases: aliases, makers: Set(makers), release: release)
    }

    /// The most tokens of one call; nil where the price book does not know.
    private struct Maxima {
        let input: Int64?
        let output: Int64?

        func larger(_ other: Maxima) -> Maxima {
            Maxima(
                input: [input, other.input].compactMap(\.self).max(),
                output: [output, other.output].compactMap(\.self).max())
        }
    }
}
