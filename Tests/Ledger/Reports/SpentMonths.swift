import Postgres
import Pricing
import SeededRandom
import Testing

@testable import Accounting
@testable import Ledger

/// Months of random calls of two teams, with users, runs, tags and qualities; some without a price, some priced later or anew,
/// some that came for months that were closed.
struct SpentMonths {
    /// A row of the ledger, for sums that no SQL makes.
    struct Line {
        let bookingMonth: CalendarDay
        let day: CalendarDay
        let team: String
        let feature: String?
        let user: String?
        let run: String?
        let tags: [String: String]
        let provider: String
        let model: String
        let calls: Int64
        let tokens: Int64
        let listCost: Int64
        let cost: Int64
        let unpriced: Int64

        var postingDay: CalendarDay { max(day, bookingMonth) }
    }

    let fixture: LedgerFixture
    /// The month that it is.
    let month: CalendarMonth

    static func with(seed: UInt64, calls: Int = 120, _ body: (SpentMonths, Connection) async throws -> Void)
        async throws
    {
        try await LedgerFixture.with { fixture in
            // The test alone folds.
            let connection = try fixture.withoutMaintenance()
            _ = try TeamStore.create("u", connection)
            try connection.execute("UPDATE team SET cost_center = '4711' WHERE name = 'u'")
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            let months = SpentMonths(fixture: fixture, month: Zone.utc.day(at: now).month)
            var random = SplitMix64(seed: seed)
            for number in 0..<calls {
                if number == calls / 2 {
                    for past in [3, 2, 1] {
                        try connection.close(CalendarMonth(number: months.month.number - past).description)
                    }
                }
                let moment = now.adding(seconds: -random.int64(0...75 * 86_400))
                let entry = event(number, replica, at: moment, &random)
                try #require(await replica.report(entry).word == "recorded")
            }
            let prices = """
                  opus:
                    prices: [{from: 2026-01-01, standard: {input_tokens: "0.02", output_tokens: "0.01"}}]
                  nova:
                    prices: [{from: 2020-01-01, standard: {input_tokens: "2.5"}}]

                """
            _ = try PriceStore.add(
                [try LedgerFixture.priceFile(of: "maker", prices, isMaker: true)], from: .asWritten, isDryRun: false,
                connection)
            _ = try await CorrectionRun(RerateScope(), on: replica, isDryRun: false).run()
            try await body(months, connection)
            await replica.drain()
        }
    }

    private static func event(
        _ number: Int, _ replica: Replica, at moment: Timestamp, _ random: inout SplitMix64
    ) -> LedgerEntry {
        let tags = ["customer", "env"].filter { _ in random.chance(percent: 60) }
            .map { Tag(key: $0, value: random.pick(["a", "b", "a, b"])) }
        let who = Attribution(
            team: random.pick(["t", "u"]), feature: random.pick([nil, "f", "g"]),
            user: random.pick([nil, "ann", "bob"]),
            run: random.pick([nil, "r1", "r2"]), tags: tags)
        var entry = LedgerFixture.event(
            "e\(number)", replica, random.pick(["opus", "haiku", "nova", "unknown"]), tokens: random.int64(1...5_000),
            who: who, at: moment)
        if random.chance(percent: 40) { entry.quality = Fraction(millionths: random.int64(0...1_000_000)) }
        return entry
    }

    func lines(_ connection: Connection) throws -> [Line] {
        try connection.query(
            """
            SELECT booking_month, day, team, feature, p.name, run, tag_keys, tag_values, provider, model,
                CASE kind WHEN 'adjustment' THEN 0 WHEN 'reversal' THEN -1 ELSE 1 END::bigint, input_tokens + output_tokens,
                COALESCE(list_cost_nanodollars, 0), COALESCE(effective_cost_nanodollars, 0),
                CASE WHEN kind = 'adjustment' AND source = 'pricing' THEN -1
                    WHEN effective_cost_nanodollars IS NULL THEN 1 ELSE 0 END::bigint
            FROM ledger LEFT JOIN person p USING (user_id)
            """
        ).map { row in
            let keys: [String] = try row.decode(at: 6)
            let values: [String] = try row.decode(at: 7)
            return Line(
                bookingMonth: try row.decode(at: 0), day: try row.decode(at: 1), team: try row.decode(at: 2),
                feature: try row.decode(at: 3), user: try row.decode(at: 4), run: try row.decode(at: 5),
                tags: Dictionary(uniqueKeysWithValues: zip(keys, values)), provider: try row.decode(at: 8),
                model: try row.decode(at: 9), calls: try row.decode(at: 10), tokens: try row.decode(at: 11),
                listCost: try row.decode(at: 12), cost: try row.decode(at: 13), unpriced: try row.decode(at: 14))
        }
    }

    static func fold(_ connection: Connection) throws {
        while try DetailSums.fold.run(takesSmall: true, connection).entries > 0 {}
    }

    static func report(_ name: String, _ query: ReportQuery, _ connection: Connection) throws -> Report {
        try #require(try ReportCatalog(LedgerFixture.resources).definition(name)).run(query, connection)
    }
}
