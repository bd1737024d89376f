import Accounting
import Postgres
import SeededRandom
import Testing

@testable import Ledger

/// What days cost, by place: `nil` for all teams, a team, or a team's feature.
private struct DayCosts {
    var rows: [(day: CalendarDay, team: String, feature: String, nanodollars: Int64)] = []

    func store(_ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3,
                tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, list_cost_nanodollars, effective_cost_nanodollars,
                saved_nanodollars)
            SELECT date_trunc('month', day), day, team, feature, 'maker', 'opus', 'standard', 'ok', '', '', '', '', 1, 1, 0, 0,
                1, 0, 0, 1, 0, cost, cost, 0
            FROM unnest(\(rows.map(\.day)), \(rows.map(\.team)), \(rows.map(\.feature)), \(rows.map(\.nanodollars)))
                AS r(day, team, feature, cost)
            """)
    }

    /// What a place cost on each day before `end`, from its first day on.
    func series(_ team: String?, _ feature: String?, before end: CalendarDay) -> (first: CalendarDay, costs: [Int64])? {
        let own = rows.filter {
            $0.day < end && (team == nil || $0.team == team) && (feature == nil || $0.feature == feature)
        }
        guard let first = own.map(\.day).min() else { return nil }
        var costs = [Int64](repeating: 0, count: end.daysSince1970 - first.daysSince1970)
        for row in own { costs[row.day.daysSince1970 - first.daysSince1970] += row.nanodollars }
        return (first, costs)
    }
}

private struct Forecast {
    let place: String
    let spent: Int64
    let forecast: Int64?
    let low: Int64?
    let high: Int64?
    let errors: [Int64?]
    let method: String?

    static func all(
        _ month: String, on today: String, team: String? = nil, _ connection: Connection
    ) throws -> [String: Forecast] {
        let moment = Timestamp(rfc3339: today.contains("T") ? today : today + "T00:00:00Z")!
        let rows = try connection.query(
            """
            SELECT concat_ws('/', scope, team, feature), spent::bigint, forecast::bigint, low::bigint, high::bigint,
                error_millionths::bigint, straight_line_error_millionths::bigint, last_month_error_millionths::bigint, method
            FROM month_forecast(\(CalendarDay(text: month + "-01")!), \(moment), \(team))
            """
        ).map { row in
            let (place, spent, forecast, low, high, own, line, before, method) = try row.decode(
                (String, Int64, Int64?, Int64?, Int64?, Int64?, Int64?, Int64?, String?).self)
            return Forecast(
                place: place, spent: spent, forecast: forecast, low: low, high: high, errors: [own, line, before],
                method: method)
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.place, $0) })
    }
}

@Suite("The forecast of a month") struct ForecastTests {
    private static func with(
        _ costs: DayCosts, _ body: (LedgerFixture, Connection) throws -> Void
    ) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try costs.store(connection)
            try body(fixture, connection)
        }
    }

    /// Days of one feature from the first to before the second, with a cost by the day's number and its weekday from Monday.
    private static func days(
        _ from: String, _ to: String, team: String = "t", feature: String = "f", _ cost: (Int, Int) -> Int64
    ) -> DayCosts {
        let (first, end) = (CalendarDay(text: from)!.daysSince1970, CalendarDay(text: to)!.daysSince1970)
        return DayCosts(
            rows: (first..<end).map { day in
                (CalendarDay(daysSince1970: day), team, feature, cost(day - first, (day + 3) % 7))
            })
    }

    private static let week: [Int64] = [900, 1_000, 1_100, 1_000, 800, 300, 100]

    @Test("of weeks that are all the same is what comes, and never errs")
    func sameWeeks() async throws {
        let costs = Self.days("2026-08-05", "2026-11-18") { Self.week[$1] }
        try await Self.with(costs) { _, connection in
            let all = try Forecast.all("2026-11", on: "2026-11-18", connection)
            let month = Self.days("2026-11-01", "2026-12-01") { Self.week[$1] }.rows.reduce(0) { $0 + $1.nanodollars }
            for place in ["all", "team/t", "feature/t/f"] {
                let forecast = try #require(all[place])
                #expect(forecast.forecast == month && forecast.low == month && forecast.high == month)
                #expect(forecast.errors[0] == 0 && forecast.errors[1]! > 0 && forecast.method == "weekdays")
            }
            #expect(all.count == 3)
        }
    }

    @Test("is a straight line before four weeks are known, and unknown on the first day")
    func fewDays() async throws {
        let costs = Self.days("2026-11-01", "2026-11-11") { _, _ in 100 }
        try await Self.with(costs) { _, connection in
            let tenth = try #require(try Forecast.all("2026-11", on: "2026-11-11", connection)["all"])
            #expect(tenth.spent == 1_000 && tenth.forecast == 3_000 && tenth.method == "straight line")
            #expect(tenth.low == nil && tenth.high == nil && tenth.errors == [nil, nil, nil])
            let first = try Forecast.all("2026-11", on: "2026-11-01", connection)["team/t"]
            #expect(first?.forecast == nil && first?.method == nil)
        }
    }

    @Test("of a few days goes on through the moment, as the status of a budget does")
    func straightLine() async throws {
        let costs = Self.days("2026-11-28", "2026-11-29") { _, _ in 312_400 }
        try await Self.with(costs) { _, connection in
            let forecast = try Forecast.all("2026-11", on: "2026-11-29T03:00:00Z", connection)["all"]
            #expect(forecast?.forecast == 333_227 && forecast?.method == "straight line")
        }
    }

    @Test("counts what today has cost already once, and is never less than it")
    func today() async throws {
        var costs = Self.days("2026-09-01", "2026-11-30") { _, _ in 100 }
        costs.rows.append((CalendarDay(text: "2026-11-30")!, "t", "f", 40))
        try await Self.with(costs) { _, connection in
            let quiet = try #require(try Forecast.all("2026-11", on: "2026-11-30", connection)["all"])
            #expect(quiet.spent == 2_940 && quiet.forecast == 3_000)
            costs.rows.removeAll()
            costs.rows.append((CalendarDay(text: "2026-11-30")!, "u", "f", 500))
            try costs.store(connection)
            let busy = try #require(try Forecast.all("2026-11", on: "2026-11-30", connection)["all"])
            #expect(busy.spent == 3_440 && busy.forecast == 3_440)
        }
    }

    @Test("of a month that is over is what it has cost; for one team it tells of that team alone")
    func over() async throws {
        var costs = Self.days("2026-09-01", "2026-11-10") { _, _ in 100 }
        costs.rows += Self.days("2026-10-01", "2026-11-10", team: "u") { _, _ in 7 }.rows
        try await Self.with(costs) { _, connection in
            let october = try #require(try Forecast.all("2026-10", on: "2026-11-10", connection)["all"])
            #expect(october.spent == 31 * 107 && october.forecast == october.spent && october.method == "over")
            let own = try Forecast.all("2026-10", on: "2026-11-10", team: "u", connection)
            #expect(own.keys.sorted() == ["feature/u/f", "team/u"] && own["team/u"]?.forecast == 31 * 7)
        }
    }

    /// The same by slow sums, one weekday after the other.
    private static func slow(_ costs: [Int64], days: Int) -> Int64? {
        guard costs.count >= 28 else { return nil }
        let month = costs.suffix(28)
        let sum = month.reduce(0, +)
        if sum == 0 { return nil }
        let level = costs.suffix(7).reduce(0, +)
        let shares = (0..<days).reduce(Int64(0)) { total, day in
            total + stride(from: month.startIndex + day % 7, to: month.endIndex, by: 7).reduce(0) { $0 + month[$1] }
        }
        return (level * shares * 2 / sum + 1) / 2
    }

    @Test("is that of a slow sum for random costs of places that began on any day", arguments: UInt64(1)...4)
    func random(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        var costs = DayCosts()
        for (team, feature) in [("t", "f"), ("t", ""), ("u", "g"), ("v", "h")] {
            let begins = random.int(0...110)
            costs.rows += Self.days("2026-08-01", "2026-11-25", team: team, feature: feature) { number, _ in
                number < begins || random.chance(percent: 10) ? 0 : random.int64(0...9_999)
            }.rows.filter { $0.nanodollars > 0 }
        }
        let today = CalendarDay(daysSince1970: CalendarDay(text: "2026-11-02")!.daysSince1970 + random.int(0...20))
        costs.rows.removeAll { $0.day >= today }
        try await Self.with(costs) { _, connection in
            let all = try Forecast.all("2026-11", on: today.description, connection)
            let places: [(String, String?, String?)] = [
                ("all", nil, nil), ("team/t", "t", nil), ("team/u", "u", nil), ("feature/t/f", "t", "f"),
                ("feature/v/h", "v", "h"),
            ]
            for (place, team, feature) in places {
                guard let (_, known) = costs.series(team, feature, before: today) else { continue }
                let left = CalendarDay(text: "2026-12-01")!.daysSince1970 - today.daysSince1970
                guard let rest = Self.slow(known, days: left) else {
                    #expect(all[place]?.method == "straight line")
                    continue
                }
                let forecast = try #require(all[place])
                #expect(forecast.method == "weekdays", "\(place)")
                #expect(abs(forecast.forecast! - forecast.spent - rest) <= 1, "\(place), \(today)")
            }
        }
    }

    @Test("errs less than the month before and a straight line do, where days are noisy and weekends are quiet")
    func noisy() async throws {
        var random = SplitMix64(seed: 7)
        let costs = Self.days("2026-06-01", "2026-11-12") { number, weekday in
            Self.week[weekday] * 1_000_000 * Int64(1_000 + 2 * number) / 1_000 * random.int64(75...125) / 100
        }
        try await Self.with(costs) { _, connection in
            let forecast = try #require(try Forecast.all("2026-11", on: "2026-11-12", connection)["all"])
            let errors = try forecast.errors.map { try #require($0) }
            #expect(errors[0] > 0 && errors[0] < errors[1] && errors[0] < errors[2], "\(errors)")
            #expect(forecast.low! < forecast.forecast! && forecast.forecast! < forecast.high!)
        }
    }
}
