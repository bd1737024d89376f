import Accounting
import Hummingbird
import JSON
import Ledger

/// `POST /v1/prices/rerate`: rates recorded calls again by today's price book, sums up the differences by team, and
/// books the corrections.
extension PriceRoutes {
    /// The most reasons that an answer lists; the last of so many has all others together.
    private static let maximumReasons = 100

    func rerate(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.importPrices)
        var fields = JSONFields(try await context.request.json())
        let from = fields.required("from", Field.dayExpectation, Field.day)
        let to = fields.optional("to", Field.dayExpectation, Field.day)
        let model = fields.optional("model", Field.modelExpectation, Field.model)
        let provider = fields.optional("provider", Field.modelExpectation, Field.provider)
        let isDryRun = fields.optional("dry_run", "true or false", \.bool) ?? false
        let last = to ?? server.configuration.accountingZone.day(at: server.replica.now().wall)
        if let from, last < from {
            if to == nil { fields.refuse("from", "is after today, \(last)") }
            if to != nil { fields.refuse("to", "is before \(from), the first day") }
        }
        if provider != nil, model == nil { fields.refuse("provider", "goes with a model") }
        let prices = server.configuration.prices
        if let model, case .unpriced = prices.resolve(model, provider: provider) {
            fields.refuse("model", prices.unknownModel(model, provider: provider))
        }
        try fields.finish()
        var scope = RerateScope()
        scope.days = from!...last
        scope.models = try model.map { name in
            let sold = try prices.served(name, provider: provider, pointer: "/provider")
            return [
                sold, ModelName(provider: provider ?? "", model: name), ModelName(provider: sold.provider, model: name),
            ]
        }
        let summary = try await rerate(scope, isDryRun: isDryRun)
        let names = server.configuration.names
        return .json {
            $0.field("from", from!.description)
            $0.field("to", last.description)
            $0.field("calls", summary.callCount)
            $0.field("corrected_calls", summary.correctedCalls)
            $0.field("unpriced_calls", summary.unpricedCalls)
            $0.field("refused_calls", summary.refusedCalls)
            $0.field("difference_usd", usd(summary.differenceNanodollars))
            $0.field("is_booked", !isDryRun)
            $0.name("reasons")
            $0.array(summary.reasons(most: Self.maximumReasons)) { writer, line in
                writer.object {
                    $0.field("reason", line.reason.kind.rawValue)
                    $0.field("provider", line.reason.model.flatMap { $0.provider.isEmpty ? nil : $0.provider })
                    $0.field("model", line.reason.model?.model)
                    $0.field("detail", line.detail)
                    $0.field("calls", line.sums.calls)
                    $0.field("difference_usd", usd(line.sums.differenceNanodollars))
                }
            }
            $0.name("teams")
            $0.array(summary.teams) { writer, team in
                writer.object {
                    $0.field("team", names.name(of: team.name))
                    $0.field("corrected_calls", team.sums.correctedCalls)
                    $0.field("newly_priced_calls", team.sums.newlyPricedCalls)
                    $0.field("unpriced_calls", team.sums.unpricedCalls)
                    $0.field("refused_calls", team.sums.refusedCalls)
                    $0.field("before_usd", usd(team.sums.beforeNanodollars))
                    $0.field("after_usd", usd(team.sums.afterNanodollars))
                    $0.field("difference_usd", usd(team.sums.differenceNanodollars))
                }
            }
        }
    }

    private func rerate(_ scope: RerateScope, isDryRun: Bool) async throws -> RerateSummary {
        do {
            return try await CorrectionRun(scope, on: server.replica, isDryRun: isDryRun).run()
        } catch let failure as LedgerFailure {
            throw Problem(
                Problem(failure).code,
                "Not all corrections could be booked. Ask again: those that were are not repeated.")
        }
    }

    private func usd(_ nanodollars: Int128) -> String { FixedPoint.text(nanodollars, places: Money.places) }
}
