import Accounting
import Hummingbird
import JSON
import Ledger

/// `POST /v1/quote`: what usage costs, line by line; nothing is held or written.
struct QuoteRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/quote", server, reads: true) { try await quote($0) }
    }

    private func quote(_ context: AuthenticatedContext) async throws -> Response {
        let configuration = server.configuration
        let prices = configuration.prices
        var fields = JSONFields(try await context.request.json())
        let team = fields.team(configuration.names) ?? context.principal.team
        try context.principal.require(.ask(team: team))
        let name = fields.required("model", Field.modelExpectation, Field.model)
        let provider = fields.optional("provider", Field.modelExpectation, Field.model)
        let tier: ServiceTier? = fields.optional("service_tier", Field.choices(ServiceTier.self), Field.choice)
        let region = fields.optional("region", Field.nameExpectation, Field.name)
        let format: UsageFormat? = fields.optional("usage_format", Field.choices(UsageFormat.self), Field.choice)
        let at = fields.optional("at", Field.timeExpectation, Field.time)
        var usage: Usage?
        if let value = fields.value("usage") {
            do throws(JSONFailure) {
                usage = try UsageReader.read(
                    value, format: format, pointer: "/usage", isKnownMeter: prices.isKnownMeter)
            } catch {
                if case .invalid(let errors) = error { fields.refuse(errors) }
            }
        } else {
            fields.refuse("usage", "is required")
        }
        try fields.finish()
        let model = try prices.served(name!, provider: provider, pointer: "/provider")
        let tierOfCall = tier ?? usage!.tier(authorized: .standard)
        let moment = at ?? server.replica.now().wall
        let rated = configuration.rater.rate(
            usage!.quantities, of: team, on: model, tier: tierOfCall, region: usage!.region(named: region), at: moment)
        let warnings = [
            prices.guessWarning(of: name!, provider: provider), prices.regionWarning(region),
            prices.unpricedWarning(of: rated, on: model, tier: tierOfCall, at: moment, telling: usage!.warnings),
        ]
        return .json {
            $0.field("cost_usd", rated.cost)
            $0.field("list_cost_usd", rated.listCost)
            $0.field("agreement", rated.agreement?.name)
            $0.field("unpriced", rated.cost == nil)
            $0.field("model", model.model)
            $0.field("provider", model.provider.isEmpty ? nil : model.provider)
            $0.field("rule", prices.rule(of: name!, provider: provider)?.words)
            $0.warnings(usage!.warnings + warnings.compactMap(\.self))
            $0.name("lines")
            $0.array(rated.agreedLines ?? rated.lines) { $1.write(to: &$0) }
        }
    }
}

extension RatedCall.Line {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("meter", meter.name)
            $0.field("quantity", quantity)
            if billedQuantity != quantity { $0.field("billed_quantity", billedQuantity) }
            $0.field("unit_price_usd", rate?.usdPerUnit)
            // The amount of a line is not rounded; only the sum is.
            $0.field("amount_usd", halfFemtodollars.map { FixedPoint.text($0 * 5, places: 16) })
            $0.name("price_id")
            $0.integer(rate?.priceID)
        }
    }
}
