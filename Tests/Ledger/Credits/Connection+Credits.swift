import Accounting
import Postgres

@testable import Ledger

extension Connection {
    /// Adds the cost of a day's calls to the daily sums. `month` is the booking month where it is later than the day's
    /// own.
    func book(
        _ nanodollars: Int64, on day: String, in month: String? = nil, team: String = "t", provider: String = "maker",
        model: String = "opus"
    ) throws {
        let month = CalendarMonth(text: month ?? String(day.prefix(7)))!.firstDay
        try execute("SELECT ensure_month(\(month))")
        try execute(
            """
            INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3,
                tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens, cache_write_tokens,
                output_tokens, reasoning_tokens, list_cost_nanodollars, effective_cost_nanodollars, saved_nanodollars)
            VALUES (\(month), \(CalendarDay(text: day)), \(team), '', \(provider), \(model), 'standard', 'ok', '', '', '', '',
                1, 1, 0, 0, 0, 0, 0, 0, 0, \(nanodollars), \(nanodollars), 0)
            ON CONFLICT (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3, tag_4)
            DO UPDATE SET calls = rollup.calls + 1,
                list_cost_nanodollars = rollup.list_cost_nanodollars + excluded.list_cost_nanodollars,
                effective_cost_nanodollars = rollup.effective_cost_nanodollars + excluded.effective_cost_nanodollars
            """)
    }

    func close(_ month: String) throws {
        let month = CalendarMonth(text: month)!.firstDay
        try execute("SELECT ensure_month(\(month))")
        try closeMonths(where: "month = \(month)")
    }

    /// Closes open months without looking at them, in order.
    func closeMonths(where condition: SQL = "true") throws {
        try execute(
            """
            INSERT INTO month_close (month, version, closed_by)
            SELECT month, 1 + (SELECT count(*) FROM month_reopening r WHERE r.month = m.month), 'test'
            FROM month m WHERE state = 'open' AND \(sql: condition) ORDER BY month
            """)
    }

    /// Opens the last closed month again.
    func reopen(_ month: String) throws {
        let month = CalendarMonth(text: month)!.firstDay
        try execute(
            """
            INSERT INTO month_reopening (month, version, reopened_by, reason)
            SELECT month, max(version), 'test', 'a test' FROM month_close WHERE month = \(month) GROUP BY month
            """)
    }

    @discardableResult func addCredit(
        _ id: String, _ nanodollars: Int64, from: String = "2026-01-01", until: String? = nil, team: String? = nil,
        provider: String = "maker", model: String? = nil
    ) throws -> StoredCredit {
        let credit = Credit(
            id: id, provider: provider, model: model, team: team, amount: Money(nanodollars: nanodollars),
            validFrom: CalendarDay(text: from)!, validUntil: until.map { CalendarDay(text: $0)! })
        return try CreditStore.add(credit, addedBy: "test", self).stored
    }

    /// What credits have paid in a month, as `credit day team model nanodollars`.
    func drawn(in month: String) throws -> [String] {
        let month = CalendarMonth(text: month)!.firstDay
        return try query(
            """
            SELECT credit_id, day, team, model, drawn_nanodollars FROM credits_drawn(\(month))
            WHERE booking_month = \(month) ORDER BY day, team, model, credit_id
            """
        ).map {
            let (credit, day, team, model, nanodollars) = try $0.decode(
                (String, CalendarDay, String, String, Int64).self)
            return "\(credit) \(day) \(team) \(model) \(nanodollars)"
        }
    }

    /// The rows of a report, as the text that people read.
    func report(_ name: String, _ month: String, team: String? = nil) throws -> [[String]] {
        let definition = try ReportCatalog(LedgerFixture.resources).definition(name)!
        return try definition.run(month: CalendarMonth(text: month)!, team: team, self).rows.map { $0.map(\.text) }
    }
}
