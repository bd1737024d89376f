import Accounting
import Foundation
import Ledger
import PacedMonth
import Postgres
import PostgresTesting
import SeededRandom

// forecast-error DATA REPOSITORY
//
// Stretches the hour of real calls in the folder DATA over three months with weekdays, weekends and noise, tells the database the
// days before, and asks it on several days of the last month what the month will have cost. Prints how wrong that was, beside
// the month before and a straight line.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: forecast-error DATA REPOSITORY\n".utf8))
    exit(2)
}

let (month, monthBefore) = (CalendarMonth(text: "2026-11")!, CalendarMonth(text: "2026-10")!)
let threeMonths = WindowSpan(
    start: Timestamp(rfc3339: "2026-09-01T00:00:00Z")!, end: Timestamp(rfc3339: "2026-12-01T00:00:00Z")!)
let daysOfMonth = [6, 11, 16, 21, 26]
let seeds = UInt64(1)...12

struct Day: Hashable {
    let day: CalendarDay
    let feature: String
}

/// What each day cost, with as much noise as `seed` makes: a day has from 70 % to 130 % of its usual share.
func costs(of hour: [TrafficCall], seed: UInt64) -> [Day: Int64] {
    var random = SplitMix64(seed: seed)
    let factors = (0..<100).map { _ in random.int64(70...130) }
    var costs: [Day: Int64] = [:]
    for call in hour.stretched(over: WeekShape(of: threeMonths) { factors[$0] }) {
        costs[Day(day: call.at.day, feature: call.feature), default: 0] +=
            LadderOfThree.cost(of: call, on: 0).nanodollars
    }
    return costs
}

func tell(_ costs: [Day: Int64], before today: CalendarDay, _ connection: Connection) throws {
    let known = costs.filter { $0.key.day < today }.sorted { $0.key.day < $1.key.day }
    try connection.execute("DELETE FROM rollup")
    try connection.execute(
        """
        INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3, tag_4,
            entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens, cache_write_tokens,
            output_tokens, reasoning_tokens, list_cost_nanodollars, effective_cost_nanodollars, saved_nanodollars)
        SELECT date_trunc('month', day), day, 'azure', feature, 'anthropic', 'claude-opus-4-5', 'standard', 'ok', '', '', '', '',
            1, 1, 0, 0, 1, 0, 0, 1, 0, cost, cost, 0
        FROM unnest(\(known.map(\.key.day)), \(known.map(\.key.feature)), \(known.map(\.value))) AS d(day, feature, cost)
        """)
}

/// Sums of amounts and of what was wrong, of one way to forecast.
struct Errors {
    var wrong: Int64 = 0
    var right: Int64 = 0
    /// In hundredths of a percent.
    var share: Int64 { wrong * 10_000 / max(right, 1) }
    var text: String { "\(share / 100).\(share % 100 < 10 ? "0" : "")\(share % 100) %" }

    static func += (sum: inout Errors, errors: Errors) {
        sum.wrong += errors.wrong
        sum.right += errors.right
    }

    mutating func add(_ forecast: Int64, actual: Int64) {
        wrong += abs(forecast - actual)
        right += actual
    }
}

func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

do {
    let hour = try AzureHour.calls(in: arguments[0])
    let noisy = seeds.map { costs(of: hour, seed: $0) }
    let isBetter = try await TestDatabase.with { database -> Bool in
        let connection = try database.connect()
        try Migrator(ResourceDirectory(path: arguments[1])).migrate(connection) { _ in }
        try ConfigurationStore.prepare(connection, timeZone: .utc)
        print("On day      Weekdays    Straight line    Last month    Inside the interval")
        var (owns, lines, befores) = (Errors(), Errors(), Errors())
        for dayOfMonth in daysOfMonth {
            var (own, line, before) = (Errors(), Errors(), Errors())
            var (inside, told) = (0, 0)
            let today = CalendarDay(daysSince1970: month.firstDay.daysSince1970 + dayOfMonth - 1)
            for costs in noisy {
                try tell(costs, before: today, connection)
                for feature in [nil, "code", "chat"] as [String?] {
                    func sum(_ month: CalendarMonth, before end: CalendarDay? = nil) -> Int64 {
                        costs.reduce(0) { sum, cost in
                            let (day, isOwn) = (cost.key.day, feature == nil || cost.key.feature == feature)
                            return isOwn && day.month == month && end.map({ day < $0 }) ?? true ? sum + cost.value : sum
                        }
                    }
                    let scope = feature == nil ? "all" : "feature"
                    let row = try connection.query(
                        """
                        SELECT forecast::bigint, low::bigint, high::bigint
                        FROM month_forecast(\(month.firstDay), \(today)::date::timestamp AT TIME ZONE 'UTC', NULL)
                        WHERE scope = \(scope) AND feature IS NOT DISTINCT FROM \(feature)
                        """)[0]
                    let (forecast, low, high) = try row.decode((Int64, Int64, Int64).self)
                    let actual = sum(month)
                    own.add(forecast, actual: actual)
                    line.add(sum(month, before: today) * 30 / Int64(dayOfMonth - 1), actual: actual)
                    before.add(sum(monthBefore), actual: actual)
                    told += 1
                    if low <= actual, actual <= high { inside += 1 }
                }
            }
            print(
                column("\(dayOfMonth)", 6) + column(own.text, 14) + column(line.text, 17) + column(before.text, 14)
                    + column("\(inside) of \(told)", 23))
            owns += own
            lines += line
            befores += before
        }
        print("  Mean" + column(owns.text, 14) + column(lines.text, 17) + column(befores.text, 14))
        return owns.share < lines.share && owns.share < befores.share
    }
    exit(isBetter ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
