import Accounting
import Hummingbird
import JSON
import Ledger
import Pricing

/// `/v1/prices`: the price book.
struct PriceRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/prices", server, query: ["model", "provider"]) { try await list($0) }
        routes.on(.get, "v1/prices/resolve", server, query: ["model", "provider"]) { try await resolve($0) }
        routes.on(.get, "v1/prices/check", server, query: ["models", "coverage"]) { try await check($0) }
        routes.on(.post, "v1/prices/import", server, query: ["format", "effective_from", "dry_run", "force"]) {
            try await add($0)
        }
        routes.on(.post, "v1/prices/update", server, query: ["on", "dry_run", "jumps", "force"]) {
            try await update($0)
        }
        routes.on(.post, "v1/prices/rerate", server) { try await rerate($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.readPrices)
        let model = try context.query("model")
        let provider = try context.query("provider").map(ProviderName.canonical)
        let prices = try await server.database.read { try PriceStore.list(model: model, provider: provider, $0) }
        return .json(capacity: prices.count * 256) {
            $0.priceBook(server.configuration.prices.release)
            $0.name("prices")
            $0.array(prices) { $1.write(to: &$0) }
            $0.warnings(prices.isEmpty ? nothingFound(model, provider).map { [$0] } ?? [] : [])
        }
    }

    /// Why a filter leaves nothing of the price book.
    private func nothingFound(_ model: String?, _ provider: String?) -> CallWarning? {
        let book = server.configuration.prices
        if let provider, !book.isKnownProvider(provider) {
            return CallWarning(.nothingFound, book.unknownProviderSentence(provider))
        }
        guard let model else { return nil }
        if case .priced(let found) = book.resolve(model, provider: provider) {
            return CallWarning(
                .nothingFound,
                "\(model) has no prices of its own: it is priced as \(found.name.model) of \(found.name.provider).")
        }
        return CallWarning(.nothingFound, book.unknownModelSentence(model, provider: provider))
    }

    private func resolve(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.readPrices)
        guard let name = try context.query("model") else { throw Problem.query("model", "is required") }
        let provider = try context.query("provider").map(ProviderName.canonical)
        switch server.configuration.prices.resolve(name, provider: provider) {
        case .ambiguous(let names):
            throw Problem(fields: [
                FieldError(pointer: "/model", detail: "may be \(names.map(\.description).joined(separator: ", "))")
            ])
        case .unpriced:
            let absence = server.configuration.prices.unknownModelSentence(name, provider: provider)
            throw Problem(.notFound, "\(absence) Import a price with: purser price import FILE")
        case .priced(let model):
            let found = model.name
            let (prices, retired) = try await server.database.read {
                (
                    try PriceStore.list(model: found.model, provider: found.provider, $0),
                    try PriceStore.retirement(of: found, $0)
                )
            }
            return .json(capacity: prices.count * 256) {
                $0.field("model", found.model)
                $0.field("provider", found.provider)
                $0.field("rule", server.configuration.prices.rule(of: name, provider: provider)?.words)
                $0.field("retired_on", retired?.description)
                $0.priceBook(server.configuration.prices.release)
                $0.name("prices")
                $0.array(prices) { $1.write(to: &$0) }
            }
        }
    }
}

extension PriceStore.Listed {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", price.id)
            $0.field("provider", price.model.provider)
            $0.field("model", price.model.model)
            $0.field("meter", price.meter.name)
            $0.field("service_tier", price.tier.rawValue)
            $0.field("above_context_tokens", price.aboveContextTokens)
            $0.field("region", price.region)
            $0.field("hours", price.hours?.description)
            $0.field("unit_price_usd", FixedPoint.text(price.femtodollarsPerUnit, places: Price.places))
            $0.name("least_quantity")
            $0.integer(price.leastQuantity)
            $0.field("valid_from", price.validFrom.description)
            $0.field("valid_until", price.validUntil?.description)
            $0.field("source", source)
            $0.field("superseded_by", supersededBy)
        }
    }
}
