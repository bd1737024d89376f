import Accounting
import Postgres
import Pricing
import Wording

extension PriceFinding {
    /// How many days of calls are checked, including today.
    private static let daysInUse = 31

    /// Checks the price book, and the team's use of it (any team's if `team` is nil), in one snapshot.
    package static func all(team: String?, _ connection: Connection) throws -> [PriceFinding] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let book = try StoredPrices(transaction).book()
            let prices = book.models.filter { $0.key == $0.value.name }.values.flatMap(\.prices)
            return findings(in: prices) + (try unpriced(team, book, transaction))
                + ambiguous(try LadderStore.all(transaction).filter { team == nil || $0.team == team }, book)
        }
    }

    private static func unpriced(
        _ team: String?, _ book: PriceBook, _ transaction: borrowing Transaction
    ) throws -> [PriceFinding] {
        // The rollup key begins with the booking month. A day is booked into its own month or a later one.
        try transaction.query(
            """
            SELECT provider, model, sum(unpriced_calls)::bigint
            FROM rollup, (SELECT (now() AT TIME ZONE accounting_time_zone)::date AS today FROM deployment) now
            WHERE booking_month >= date_trunc('month', today - \(Int64(daysInUse - 1))::int)::date
                AND day > today - \(Int64(daysInUse))::int AND unpriced_calls <> 0
                AND (\(team)::text IS NULL OR team = \(team))
            GROUP BY provider, model HAVING sum(unpriced_calls) > 0 ORDER BY provider, model
            """
        ).map { row in
            let (provider, model, calls) = try row.decode((String, String, Int64).self)
            let state =
                switch book.resolve(model, provider: provider.isEmpty ? nil : provider) {
                case .priced:
                    "it has prices: a meter of these calls had none when they were made, or their usage was not complete (report usage-warnings)"
                case .unpriced: "the price book does not have it"
                case .ambiguous(let names): "it is sold by \(Phrase.list(names.map(\.provider)))"
                }
            return PriceFinding(
                kind: .unpricedInUse, model: model, provider: provider.isEmpty ? nil : provider,
                detail: "not priced: \(Phrase.count(calls, "call")) of the last \(daysInUse) days; \(state)")
        }
    }

    private static func ambiguous(_ ladders: [Ladder], _ book: PriceBook) -> [PriceFinding] {
        var users: [String: [String]] = [:]
        for ladder in ladders {
            let name = ladder.feature.map { "\(ladder.team)/\($0)" } ?? ladder.team
            for model in Set(ladder.models) { users[model, default: []].append(name) }
        }
        return users.keys.sorted().compactMap { model in
            guard case .ambiguous(let names) = book.resolve(model) else { return nil }
            return PriceFinding(
                kind: .ambiguous, model: model, provider: nil,
                detail: "sold by \(Phrase.list(names.map(\.provider))), none of which is its only maker; "
                    + "name one as provider/model on the ladder of \(Phrase.list(users[model]!.sorted()))")
        }
    }
}
