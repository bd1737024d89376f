@testable import Accounting

/// A small deployment to judge calls in: four models that cost 10, 4, 1 and 1 nanodollars for each input or output token,
/// budgets over them, and no price for any other model. The last model takes 20 tokens of input.
enum EngineFixture {
    static let start = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    static func model(_ name: String) -> ModelName { ModelName(provider: "maker", model: name) }

    static let prices: PriceBook = {
        let rates = [("opus", Int64(10)), ("sonnet", 4), ("haiku", 1), ("brief", 1)]
        let models = rates.enumerated().map { index, rate in
            let name = model(rate.0)
            let femtodollars = rate.1 * 1_000_000
            return ModelPrices(
                name: name, maximumInputTokens: rate.0 == "brief" ? 20 : nil, maximumOutputTokens: 50,
                prices: [
                    .of(.input, femtodollars, id: Int64(index * 2 + 1), model: name),
                    .of(.output, femtodollars, id: Int64(index * 2 + 2), model: name),
                ])
        }
        return PriceBook(models: models, makers: ["maker"])
    }()

    static func budget(
        _ number: Int64 = 1, limit: Int64, scope: Scope = Scope(team: "t"), period: Period = .month,
        unit: Budget.Unit = .usd, _ enforcement: Budget.Enforcement = .hard, unpriced: Budget.Unpriced = .deny,
        downgradeAt: Int64? = nil
    ) -> Budget {
        Budget(
            number: number, id: "budget-\(number)", version: 1, scope: scope, period: period, zone: .utc, unit: unit,
            limit: limit, enforcement: enforcement, unpriced: unpriced,
            downgradeAt: downgradeAt.map { Fraction(millionths: $0 * 10_000) },
            alertAt: [], createdAt: Timestamp(seconds: 0))
    }

    static func configuration(_ budgets: [Budget], ladder: [String]? = nil, version: Int64 = 1) -> Configuration {
        Configuration(
            version: version, teams: ["t"], budgets: budgets,
            ladders: ladder.map { [Ladder(team: "t", feature: nil, models: $0, floor: nil)] } ?? [], prices: prices)
    }

    /// A call that costs at most `tokens` and `output` times the model's rate.
    static func call(
        _ requestID: String = "r", _ model: String = "opus", tokens: Int64 = 10,
        output: Int64 = 0, leastOutput: Int64? = nil, who: Attribution = Attribution(team: "t"),
        models: [String]? = nil, holdSeconds: Int64 = 600,
        isDryRun: Bool = false
    ) -> Call {
        Call(
            requestID: requestID, who: who, model: model, inputTokens: tokens, maxOutputTokens: output,
            minOutputTokens: leastOutput, models: models, holdSeconds: holdSeconds, isDryRun: isDryRun)
    }
}

extension Moment {
    /// `seconds` after the fixture's start, on both clocks.
    static func after(_ seconds: Int64) -> Moment {
        Moment(wall: EngineFixture.start.adding(seconds: seconds), monotonicNanoseconds: seconds * 1_000_000_000)
    }
}
