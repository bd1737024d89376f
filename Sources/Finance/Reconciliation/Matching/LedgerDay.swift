import Accounting
import Ledger
import Postgres

/// What the ledger has of one model on one day: of the daily sums, so that no ledger is read through.
package struct LedgerDay: Sendable {
    package var day: CalendarDay
    package var model: ModelName
    package var calls: Int64 = 0
    /// Of these, calls that have no price, and so are in no cost.
    package var unpricedCalls: Int64 = 0
    package var costNanodollars: Int64 = 0
    /// The whole prompt, and of it what was read from a cache and written to it.
    package var promptTokens: Int64 = 0
    package var cacheReadTokens: Int64 = 0
    package var cacheWriteTokens: Int64 = 0
    package var outputTokens: Int64 = 0

    package init(day: CalendarDay, model: ModelName) { (self.day, self.model) = (day, model) }

    func tokens(of part: UsagePart) -> Int64 {
        switch part {
        case .input: promptTokens - cacheReadTokens - cacheWriteTokens
        case .cacheRead: cacheReadTokens
        case .cacheWrite: cacheWriteTokens
        case .output: outputTokens
        case .prompt: promptTokens
        case .other: 0
        }
    }

    static func += (left: inout LedgerDay, right: LedgerDay) {
        left.calls += right.calls
        left.unpricedCalls += right.unpricedCalls
        left.costNanodollars.increase(by: right.costNanodollars)
        left.promptTokens += right.promptTokens
        left.cacheReadTokens += right.cacheReadTokens
        left.cacheWriteTokens += right.cacheWriteTokens
        left.outputTokens += right.outputTokens
    }

    /// The days of a month, whenever their calls were booked.
    ///
    /// - Parameter providers: whose calls; nil for all.
    package static func all(
        of month: CalendarMonth, providers: [String]?, _ connection: Connection
    ) throws -> [LedgerDay] {
        try connection.query(
            """
            SELECT day, provider, model, sum(calls)::bigint, sum(unpriced_calls)::bigint,
                COALESCE(sum(effective_cost_nanodollars), 0)::bigint, sum(input_tokens)::bigint,
                sum(cache_read_tokens)::bigint, sum(cache_write_tokens)::bigint, sum(output_tokens)::bigint
            FROM daily_cost
            WHERE booking_month >= \(month.firstDay) AND day >= \(month.firstDay) AND day < \(month.next.firstDay)
                AND (\(providers)::text[] IS NULL OR provider = ANY (\(providers)::text[]))
            GROUP BY day, provider, model ORDER BY day, provider, model
            """
        ).map { row in
            let (day, provider, model): (CalendarDay, String, String)
            var sums: (Int64, Int64, Int64, Int64, Int64, Int64, Int64)
            (day, provider, model, sums.0, sums.1, sums.2, sums.3, sums.4, sums.5, sums.6) = try row.decode(
                (CalendarDay, String, String, Int64, Int64, Int64, Int64, Int64, Int64, Int64).self)
            var found = LedgerDay(day: day, model: ModelName(provider: provider, model: model))
            (found.calls, found.unpricedCalls, found.costNanodollars) = (sums.0, sums.1, sums.2)
            (found.promptTokens, found.cacheReadTokens, found.cacheWriteTokens) = (sums.3, sums.4, sums.5)
            found.outputTokens = sums.6
            return found
        }
    }
}
