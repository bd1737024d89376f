import Accounting
import Postgres
import Wording

/// What teams without a cost centre spend can be charged to nobody.
enum CostCenterCheck: MonthCheckKind {
    static let code = "cost_center"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let rows = try connection.query(
            """
            SELECT team_called(r.team), t.cost_center IS NULL, sum(r.effective_cost_nanodollars)::numeric
            FROM rollup r LEFT JOIN team t ON t.name = r.team WHERE r.booking_month = \(month.month.firstDay)
            GROUP BY 1, 2 ORDER BY 1
            """
        ).map { try $0.decode((String, Bool, Int128).self) }
        let total = rows.reduce(Int128(0)) { $0 + abs($1.2) }
        let missing = rows.filter { $0.1 && $0.2 != 0 }
        let unallocated = missing.reduce(Int128(0)) { $0 + abs($1.2) }
        guard unallocated > 0 else { return (.pass, "All spend has a cost centre.") }
        // Rounded up, so that what is above the limit never reads as the limit.
        let tenths = (unallocated * 1_000 + total - 1) / total
        let teams = missing.prefix(5).map(\.0).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
        let isTooMuch = unallocated * 100 > total * Int128(month.unallocatedPercent)
        return (
            isTooMuch ? .fail : .warn,
            """
            \(tenths / 10).\(tenths % 10) % of the spend has no cost centre; \(month.unallocatedPercent) % may have none. \
            Teams without one: \(teams).
            """
        )
    }
}
