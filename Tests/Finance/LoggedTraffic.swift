import Finance
import Ledger

@testable import Accounting

/// A verdict log written by hand: calls at times, and how they ended.
struct LoggedTraffic {
    private(set) var records: [VerdictRecord] = []
    private var lastHoldNumber: Int64 = 0

    static let start = Timestamp(rfc3339: "2026-11-20T23:59:00Z")!
    static let opus = ModelName(provider: "maker", model: "opus")
    static let haiku = ModelName(provider: "maker", model: "haiku")

    /// 10 and 1 nanodollars a token.
    static let prices = PriceBook(
        models: [(opus, Int64(10)), (haiku, 1)].enumerated().map { index, rate in
            ModelPrices(
                name: rate.0, maximumOutputTokens: 1_000,
                prices: [Meter.input, .output].enumerated().map { place, meter in
                    Price(
                        id: Int64(index * 2 + place + 1), model: rate.0, meter: meter, tier: .standard,
                        aboveContextTokens: 0, femtodollarsPerUnit: rate.1 * 1_000_000,
                        validFrom: Timestamp(seconds: 0),
                        validUntil: nil)
                })
        }, makers: ["maker"])

    static func budget(
        _ number: Int64 = 1, limit: Int64, scope: Scope = Scope(team: "t"), period: Period = .month,
        _ enforcement: Budget.Enforcement = .hard, downgradeAt: Int64? = nil, rules: BudgetRules = .usual
    ) -> Budget {
        Budget(
            number: number, id: "budget-\(number)", version: 1, scope: scope, period: period, zone: .utc, unit: .usd,
            limit: limit, enforcement: enforcement,
            downgradeAt: downgradeAt.map { Fraction(millionths: $0 * 10_000) }, alertAt: [], rules: rules,
            createdAt: Timestamp(seconds: 0))
    }

    /// A call of `tokens` of output at `second`, which was admitted and used all of it a second later, or was denied.
    mutating func call(
        at second: Int64, tokens: Int64, least: Int64? = nil, id: String? = nil, feature: String? = nil,
        run: String? = nil, isDenied: Bool = false,
        holdSeconds: Int64 = Call.defaultHoldSeconds, endsAfter seconds: Int64 = 1, usage: Int64? = nil
    ) {
        let at = Self.start.adding(seconds: second)
        lastHoldNumber += isDenied ? 0 : 1
        let call = Call(
            requestID: id ?? "r\(records.count)", who: Attribution(team: "t", feature: feature, run: run),
            model: "opus",
            inputTokens: 0, maxOutputTokens: tokens, minOutputTokens: least, holdSeconds: holdSeconds)
        records.append(
            .call(
                LoggedCall(
                    at: at, call: call, kind: isDenied ? .deny : .admit, reason: isDenied ? .budgetExhausted : nil,
                    served: isDenied ? nil : Self.opus, estimate: Money(nanodollars: tokens * 10),
                    maxOutputTokens: isDenied ? nil : tokens, holdNumber: isDenied ? nil : lastHoldNumber)
            ))
        if isDenied { return }
        var quantities = Quantities()
        quantities.add(.output, usage ?? tokens)
        records.append(
            .end(
                LoggedEnd(
                    at: at.adding(seconds: seconds), how: .settled, makerID: nil, holdNumber: lastHoldNumber,
                    settled: .init(
                        served: nil, cost: Money(nanodollars: (usage ?? tokens) * 10), quantities: quantities,
                        occurredMicrosecondsLater: 0))))
    }

    mutating func end(_ how: LoggedEnd.How, ofHold number: Int64, at second: Int64) {
        records.append(
            .end(
                LoggedEnd(
                    at: Self.start.adding(seconds: second), how: how, makerID: nil, holdNumber: number, settled: nil)))
    }

    mutating func extend(hold number: Int64, at second: Int64, by seconds: Int64) {
        records.append(
            .extended(
                LoggedExtension(
                    at: Self.start.adding(seconds: second), makerID: nil, holdNumber: number,
                    microseconds: seconds * 1_000_000)))
    }

    /// What the budgets say of the calls, in a day from the start on.
    func replay(
        _ budgets: [Budget], ladder: [String]? = nil, opening: [BudgetSpending.Part] = [],
        callLimits: CallLimits = .standard
    ) -> ReplayResult {
        let current = Configuration(
            version: 1, teams: ["t"], budgets: [],
            ladders: ladder.map { [Ladder(team: "t", feature: nil, models: $0, floor: nil)] } ?? [],
            prices: Self.prices)
        let span = Self.start..<Self.start.adding(seconds: 86_400)
        var replay = Replay(
            Configuration(current, budgets: budgets), over: span, opening: opening, callLimits: callLimits)
        for record in records.sorted(by: { $0.at < $1.at }) { replay.take(record, of: 7) }
        return replay.result()
    }

    mutating func event(at second: Int64, cost: Int64) {
        let at = Self.start.adding(seconds: second)
        records.append(
            .charge(
                LoggedCharge(
                    at: at, who: Attribution(team: "t"), served: Self.opus, cost: Money(nanodollars: cost), tokens: 1,
                    calls: 1, occurredAt: at)))
    }
}
