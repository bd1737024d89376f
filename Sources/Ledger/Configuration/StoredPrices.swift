import Accounting
import Postgres

/// The price book as PostgreSQL returned it. It is read inside a transaction and compiled after it, because compiling
/// takes so long that PostgreSQL would end a session that stays idle in its transaction.
struct StoredPrices {
    private let makers: Rows
    private let prices: Rows
    private let models: Rows

    init(_ transaction: borrowing Transaction) throws {
        makers = try transaction.query("SELECT provider FROM price_provider WHERE is_maker")
        prices = try PriceStore.query(transaction)
        models = try transaction.query("SELECT provider, model, max_output_tokens, alias_of FROM price_model")
    }

    func book() throws -> PriceBook {
        let rows = try PriceStore.byModel(prices)
        var compiled: [ModelPrices] = []
        var aliases: [ModelName: ModelName] = [:]
        for row in models {
            let (provider, model, maximum, aliasOf) = try row.decode((String, String, Int64?, String?).self)
            let name = ModelName(provider: provider, model: model)
            if let aliasOf {
                aliases[name] = ModelName(provider: provider, model: aliasOf)
            } else {
                compiled.append(ModelPrices(name: name, maximumOutputTokens: maximum, prices: rows[name] ?? []))
            }
        }
        return PriceBook(
            models: compiled, aliases: aliases, makers: Set(try makers.map { try $0.decode(String.self, at: 0) }))
    }
}
