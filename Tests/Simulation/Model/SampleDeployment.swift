import Accounting
import SeededRandom

/// The deployments to judge calls in: one model that costs a nanodollar a token, and budgets so small that calls
/// compete for them.
enum SampleDeployment {
    static let model = ModelName(provider: "maker", model: "model")

    static let prices = PriceBook(
        models: [
            ModelPrices(
                name: model, maximumOutputTokens: 1_000,
                prices: [Meter.input, .output].enumerated().map { index, meter in
                    Price(
                        id: Int64(index + 1), model: model, meter: meter, tier: .standard, aboveContextTokens: 0,
                        femtodollarsPerUnit: 1_000_000, validFrom: Timestamp(seconds: 0), validUntil: nil)
                })
        ], makers: ["maker"])

    static let teams = ["a", "b"]
    static let features = ["f", "g"]
    /// The feature that goes from team to team.
    static let movedFeature = "f"
    static let runs = ["r1", "r2", "r3", "r4"]

    /// - Parameters:
    ///   - replicas: how many replicas share one hot budget; nil: some small budgets.
    ///   - conditions: what kinds of budgets there are.
    static func configuration(
        _ random: inout SplitMix64, createdAt: Timestamp, replicas: Int? = nil, _ conditions: RunConditions
    ) -> Configuration {
        var budgets: [Budget] = []
        let unsettled: [BudgetRules.Unsettled] = conditions.areExpiredHoldsCharged ? [.input, .estimate] : [.record]
        func add(
            _ scope: Scope, _ limit: Int64, _ period: Period, _ unit: Budget.Unit = .usd,
            carryOver: BudgetRules.CarryOver = .none
        ) {
            let rules = BudgetRules(carryOver: carryOver, unsettled: unsettled[budgets.count % unsettled.count])
            budgets.append(
                Budget(
                    number: Int64(budgets.count + 1), id: "budget-\(budgets.count + 1)", version: 1, scope: scope,
                    period: period, zone: .utc, unit: unit, limit: limit, enforcement: .hard, downgradeAt: nil,
                    alertAt: [], rules: rules, createdAt: createdAt))
        }
        if let replicas {
            // What all of them spend in half of the run, so that most of it is spent near the limit.
            add(Scope(), Int64(replicas) * 2_000, .month)
            return Configuration(version: 1, teams: Set(teams), budgets: budgets, ladders: [], prices: prices)
        }
        add(
            Scope(team: "a"), random.pick([3_000, 20_000]), random.pick([.day, .month]),
            carryOver: conditions.isCarriedOver ? .all : .none)
        if random.chance(permille: 500) { add(Scope(feature: "f"), random.pick([2_000, 10_000]), .month) }
        if random.chance(permille: 300) { add(Scope(), 30_000, .total, .tokens) }
        if conditions.areRunsLimited { add(Scope(each: .run), 2_000, .day) }
        if conditions.isRolling { add(Scope(feature: "g"), 4_000, .rolling(RollingPeriod(1, .minutes)!)) }
        if conditions.areFeaturesMoved { add(Scope(team: "a", feature: movedFeature), 4_000, .month) }
        return Configuration(version: 1, teams: Set(teams), budgets: budgets, ladders: [], prices: prices)
    }

    /// What a call needs at the least, in nanodollars and in tokens.
    static func leastAmount(of call: Call) -> Int64 {
        call.inputTokens + (call.minOutputTokens ?? call.maxOutputTokens ?? 0)
    }

    static func cost(_ tokens: Int64) -> RatedCall {
        var quantities = Quantities()
        quantities.add(.input, tokens)
        return prices.models[model]!.card(tier: .standard, contextTokens: tokens, at: Timestamp(seconds: 1))!
            .rate(quantities)
    }

    static func usage(_ tokens: Int64) -> Usage {
        var quantities = Quantities()
        quantities.add(.input, tokens)
        return Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
    }
}
