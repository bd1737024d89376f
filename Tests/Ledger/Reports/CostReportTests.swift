import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The reports of what calls cost") struct CostReportTests {
    private static let reports = ["monthly", "models", "invoice"]

    /// What one day's calls of a team and model came to.
    private struct Sums {
        var day: String
        var month: String
        var team = "t"
        var provider = "maker"
        var model = "opus"
        var calls: Int64
        var unpriced: Int64
        var nanodollars: Int64
    }

    /// October is closed, so its corrections are booked in November.
    private static let sums = [
        Sums(day: "2026-10-05", month: "2026-10", calls: 3, unpriced: 1, nanodollars: 70),
        Sums(
            day: "2026-10-06", month: "2026-10", provider: "new", model: "mystery", calls: 2, unpriced: 2,
            nanodollars: 0),
        // Of the calls of this month nothing is known; a correction of last month's is booked beside them.
        Sums(
            day: "2026-11-02", month: "2026-11", provider: "new", model: "mystery", calls: 4, unpriced: 4,
            nanodollars: 0),
        Sums(
            day: "2026-10-06", month: "2026-11", provider: "new", model: "mystery", calls: 0, unpriced: 0,
            nanodollars: 900),
        Sums(day: "2026-10-05", month: "2026-11", calls: 0, unpriced: -1, nanodollars: 35),
        Sums(day: "2026-11-02", month: "2026-11", team: "u", calls: 1, unpriced: 1, nanodollars: 0),
        Sums(
            day: "2026-11-02", month: "2026-11", team: "u", provider: "free", model: "free", calls: 1, unpriced: 0,
            nanodollars: 0),
        Sums(
            day: "2026-10-05", month: "2026-11", team: "u", provider: "other", calls: 0, unpriced: 0, nanodollars: -12),
    ]

    private func withSums(_ body: (Connection) throws -> Void) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            for sums in Self.sums {
                let month = try #require(CalendarMonth(text: sums.month)).firstDay
                try connection.execute("SELECT ensure_month(\(month))")
                try connection.execute(
                    """
                    INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1,
                        tag_2, tag_3, tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens,
                        cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, list_cost_nanodollars,
                        effective_cost_nanodollars, saved_nanodollars)
                    VALUES (\(month), \(CalendarDay(text: sums.day)), \(sums.team), '', \(sums.provider), \(sums.model),
                        'standard', 'ok', '', '', '', '', 1, \(sums.calls), \(sums.unpriced), 0, 1, 0, 0, 1, 0,
                        \(sums.nanodollars * 2), \(sums.nanodollars), 0)
                    """)
            }
            try connection.close("2026-10")
            try body(connection)
        }
    }

    private static func report(
        _ name: String, _ month: String, _ team: String?, _ connection: Connection
    ) throws -> Report {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition(name))
        return try definition.run(month: CalendarMonth(text: month)!, team: team, connection)
    }

    @Test(
        "come to the same totals, with calls that have no price and corrections of another month's",
        arguments: ["2026-10", "2026-11"], [nil, "t", "u"])
    func totals(month: String, team: String?) async throws {
        try await withSums { connection in
            let booked = Self.sums.filter { $0.month == month && (team == nil || $0.team == team) }
            let cost = booked.reduce(0) { $0 + $1.nanodollars }
            let expected = [
                "calls": "\(booked.reduce(0) { $0 + $1.calls })",
                "unpriced_calls": "\(booked.reduce(0) { $0 + $1.unpriced })",
                "list_cost_usd": Money(nanodollars: cost * 2).usd, "cost_usd": Money(nanodollars: cost).usd,
            ]
            for name in Self.reports {
                let report = try Self.report(name, month, team, connection)
                let totals = try #require(report.totals)
                for (column, total) in zip(report.columns, totals) {
                    guard let expected = expected[column.name] else { continue }
                    #expect(total?.text == expected, "\(name) \(column.name)")
                }
            }
        }
    }

    @Test("say of calls that all have no price that their cost is not known, not that it is 0")
    func unpriced() async throws {
        try await withSums { connection in
            for name in Self.reports {
                let costs = try Self.costs(name, "2026-10", connection)
                #expect(costs.contains("") == (name != "monthly"), "\(name)")
                #expect(!costs.contains("0"), "\(name)")
            }
            #expect(
                try Self.costs("invoice", "2026-11", connection) == ["0", "0.000000035", "0.0000009", "-0.000000012"])
        }
    }

    private static func costs(_ name: String, _ month: String, _ connection: Connection) throws -> [String] {
        let report = try report(name, month, nil, connection)
        let column = try #require(report.columns.firstIndex { $0.name == "cost_usd" })
        return report.rows.map { $0[column].text }
    }
}
