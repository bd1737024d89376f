import Accounting
import Postgres
import Pricing
import Wording

extension PriceFinding {
    /// Checks the price book, and the team's use of it (any team's if `team` is nil), in one snapshot. What is disputed,
    /// and what jumps on `day` and the days around it, is told of the models that the team used, or of all.
    ///
    /// - Parameter book: the price book as it is compiled already; nil to read it, which takes a while.
    package static func all(
        team: String?, ofAllModels isOfAll: Bool = false, in book: PriceBook? = nil,
        on day: CalendarDay = SystemClock.wallTime().day,
        _ connection: Connection
    ) throws -> [PriceFinding] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let book = try book ?? StoredPrices(transaction).book()
            let prices = book.models.filter { $0.key == $0.value.name }.values.flatMap(\.prices)
            let used = isOfAll ? nil : try RecentCalls.models(team: team, transaction)
            let ofPrices = findings(in: prices, on: day).filter { finding in
                finding.kind != .jump
                    || used?.contains(ModelName(provider: finding.provider ?? "", model: finding.model.lowercased()))
                        ?? true
            }
            return ofPrices + (try unpriced(team, book, transaction))
                + (try retired(team, transaction))
                + ambiguous(
                    try LadderStore.all(transaction).filter { team == nil || $0.team == team },
                    try TeamStore.names(transaction), book)
                + (try PriceDispute.findings(
                    ofAll: isOfAll, team: team, transaction))
        }
    }

    private static func unpriced(
        _ team: String?, _ book: PriceBook, _ transaction: borrowing Transaction
    ) throws -> [PriceFinding] {
        try transaction.query(
            "SELECT provider, model, sum(unpriced_calls)::bigint FROM " + RecentCalls.sums(team: team)
                + """
                 AND unpriced_calls <> 0
                GROUP BY provider, model HAVING sum(unpriced_calls) > 0 ORDER BY provider, model
                """
        ).map { row in
            let (provider, model, calls) = try row.decode((String, String, Int64).self)
            let state =
                switch book.resolve(model, provider: provider.isEmpty ? nil : provider) {
                case .priced:
                    "it has prices: a meter of these calls had none when they were made, or their usage was not complete (report usage-warnings)"
                case .unpriced: "the price book does not have it"
                case .ambiguous(let names): "it \(PriceBook.Resolution.choices(names))"
                }
            return PriceFinding(
                kind: .unpricedInUse, model: model, provider: provider.isEmpty ? nil : provider,
                detail: "not priced: \(Phrase.count(calls, "call")) of the last \(RecentCalls.days) days; \(state)")
        }
    }

    /// Calls of days after the retirement: what was called before it stopped needs nobody's look any more.
    private static func retired(
        _ team: String?, _ transaction: borrowing Transaction
    ) throws -> [PriceFinding] {
        try transaction.query(
            """
            SELECT m.provider, m.model, m.retired_on, sum(calls - unpriced_calls)::bigint
            FROM price_model m,
            """ + " " + RecentCalls.sums(team: team)
                + """
                 AND m.alias_of IS NULL AND m.retired_on < today AND day > m.retired_on
                AND rollup.provider = m.provider AND lower(rollup.model) = lower(m.model)
                GROUP BY m.provider, m.model HAVING sum(calls - unpriced_calls) > 0 ORDER BY m.provider, m.model
                """
        ).map { row in
            let (provider, model, day, calls) = try row.decode((String, String, CalendarDay, Int64).self)
            let charged = "\(Phrase.count(calls, "later call")) of the last \(RecentCalls.days) days"
            return PriceFinding(
                kind: .retiredInUse, model: model, provider: provider,
                detail: "retired on \(day), as far as its sources know; \(charged) "
                    + "\(calls == 1 ? "is" : "are") charged at its last price")
        }
    }

    private static func ambiguous(_ ladders: [Ladder], _ names: TeamNames, _ book: PriceBook) -> [PriceFinding] {
        var users: [String: [String]] = [:]
        for ladder in ladders {
            let team = names.name(of: ladder.team)
            let name = ladder.feature.map { "\(team)/\($0)" } ?? team
            for model in Set(ladder.models) { users[model, default: []].append(name) }
        }
        return users.keys.sorted().compactMap { model in
            guard case .ambiguous(let names) = book.resolve(model) else { return nil }
            return PriceFinding(
                kind: .ambiguous, model: model, provider: nil,
                detail: "\(PriceBook.Resolution.choices(names)); "
                    + "name one as provider/model on the ladder of \(Phrase.list(users[model]!.sorted()))")
        }
    }
}
