import Postgres
import SeededRandom
import Testing

@testable import Accounting
@testable import Ledger

@Suite("The report spend") struct SpendReportTests {
    private static let groups = [
        "team", "feature", "user", "run", "tag:customer", "tag:nothing", "cost_center", "provider", "model",
        "service_tier",
        "day", "week", "month",
    ]

    private struct Question {
        var query: ReportQuery
        var matches: (SpentMonths.Line) -> Bool
    }

    private static func question(_ months: SpentMonths, _ random: inout SplitMix64) -> Question {
        let range: ReportRange
        switch random.int(0...2) {
        case 0: range = ReportRange(CalendarMonth(number: months.month.number - random.int(0...2)))
        default:
            let end = months.month.next.firstDay.daysSince1970
            let from = end - random.int(1...100)
            range = ReportRange(
                from: CalendarDay(daysSince1970: from), to: CalendarDay(daysSince1970: random.int(from + 1...end)))!
        }
        var values: [String: [String]] = [:]
        var chosen: [String] = []
        for _ in 0..<random.int(0...2) { chosen.append(random.pick(groups.filter { !chosen.contains($0) })) }
        if !chosen.isEmpty { values["group_by"] = chosen }
        if random.chance(percent: 20) { values["feature"] = random.pick([["f"], ["f", "g"], ["other"]]) }
        if random.chance(percent: 20) { values["user"] = random.pick([["ann"], ["ann", "bob"]]) }
        if random.chance(percent: 20) { values["run"] = ["r1"] }
        if random.chance(percent: 20) { values["model"] = random.pick([["opus"], ["nova", "unknown"]]) }
        if random.chance(percent: 20) { values["tag:customer"] = [random.pick(["a", "a, b"])] }
        if random.chance(percent: 20) { values["cost_center"] = ["4711"] }
        let team = random.pick([nil, nil, "t", "u"])
        func isIn(_ name: String, _ value: String?) -> Bool {
            values[name].map { wanted in value.map(wanted.contains) ?? false } ?? true
        }
        return Question(query: ReportQuery(range, team: team, values: values)) { line in
            line.postingDay >= range.from && line.postingDay < range.to && (team == nil || line.team == team)
                && isIn("feature", line.feature) && isIn("user", line.user) && isIn("run", line.run)
                && isIn("model", line.model) && isIn("tag:customer", line.tags["customer"])
                && isIn("cost_center", line.team == "u" ? "4711" : nil)
        }
    }

    @Test(
        "comes to the ledger by whatever it groups and filters, before and after entries are folded", arguments: seeds)
    func sums(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed) { months, connection in
            var random = SplitMix64(seed: seed &+ 1)
            let lines = try months.lines(connection)
            #expect(lines.contains { $0.day < $0.bookingMonth } && lines.contains { $0.calls == 0 })
            for number in 0..<80 {
                if number == 40 { try SpentMonths.fold(connection) }
                let question = Self.question(months, &random)
                let report = try SpentMonths.report("spend", question.query, connection)
                let wanted = lines.filter(question.matches)
                let why: Comment = "\(question.query)"
                #expect(report.total("calls") == "\(wanted.reduce(0) { $0 + $1.calls })", why)
                #expect(report.total("tokens") == "\(wanted.reduce(0) { $0 + $1.tokens })", why)
                #expect(report.total("unpriced_calls") == "\(wanted.reduce(0) { $0 + $1.unpriced })", why)
                // What is not known of any call is no cost, not a cost of 0.
                let (list, cost) = (wanted.reduce(0) { $0 + $1.listCost }, wanted.reduce(0) { $0 + $1.cost })
                let isUnknown = report.total("cost_usd") == ""
                #expect(report.total("cost_usd") == Money(nanodollars: cost).usd || isUnknown && cost == 0, why)
                #expect(report.total("list_cost_usd") == Money(nanodollars: list).usd || isUnknown && list == 0, why)
                let adjusts = try #require(report.columns.firstIndex { $0.name == "adjusts_month" })
                #expect(
                    Set(report.rows.map { $0[adjusts].text }).subtracting([""])
                        == Set(wanted.filter { $0.day < $0.bookingMonth }.map { $0.day.month.description }), why)
            }
            #expect(try fixtureProblems(months) == [])
        }
    }

    private func fixtureProblems(_ months: SpentMonths) throws -> [String] { try months.fixture.problems() }

    @Test("has a column for each group that is asked for, named and titled as it")
    func columns() async throws {
        try await SpentMonths.with(seed: 1, calls: 20) { months, connection in
            let query = ReportQuery(ReportRange(months.month), values: ["group_by": ["tag:customer", "cost_center"]])
            let report = try SpentMonths.report("spend", query, connection)
            #expect(report.columns.prefix(2).map(\.name) == ["tag:customer", "cost_center"])
            #expect(report.columns.prefix(2).map(\.title) == ["Tag customer", "Cost center"])
            #expect(report.csv.hasPrefix("tag:customer,cost_center,adjusts_month,calls,"))
        }
    }

    @Test("of a month is that of its days, and what comes late changes no range of closed months", arguments: seeds)
    func postingDays(seed: UInt64) async throws {
        try await SpentMonths.with(seed: seed, calls: 40) { months, connection in
            let closed = CalendarMonth(number: months.month.number - 1)
            func told(_ from: CalendarDay, _ to: CalendarDay) throws -> [[String]] {
                let query = ReportQuery(ReportRange(from: from, to: to)!, values: ["group_by": ["day", "model"]])
                return try SpentMonths.report("spend", query, connection).rows.map { $0.map(\.text) }
            }
            let days = closed.firstDay.daysSince1970..<months.month.firstDay.daysSince1970
            let halves = (days.lowerBound + 15)
            let whole = try told(closed.firstDay, months.month.firstDay)
            let parts =
                try told(closed.firstDay, CalendarDay(daysSince1970: halves))
                + told(CalendarDay(daysSince1970: halves), months.month.firstDay)
            #expect(Set(parts) == Set(whole))
            let replica = try months.fixture.replica()
            let late = LedgerFixture.event("late", replica, at: closed.firstDay.startUTC.adding(seconds: 86_400))
            #expect(await replica.report(late).word == "recorded")
            await replica.drain()
            #expect(try told(closed.firstDay, months.month.firstDay) == whole)
            #expect(
                try told(months.month.firstDay, months.month.next.firstDay).contains {
                    $0[0] < months.month.description
                })
        }
    }
}
