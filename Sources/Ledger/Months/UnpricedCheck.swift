import Accounting
import Postgres
import Wording

/// Calls without a price make a total that is too small.
enum UnpricedCheck: MonthCheckKind {
    static let code = "unpriced"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let calls: Int64 = try connection.query(
            "SELECT COALESCE(sum(unpriced_calls), 0)::bigint FROM rollup WHERE booking_month = \(month.month.firstDay)")[
                0
            ]
            .decode(at: 0)
        guard calls > 0 else { return (.pass, "Every call has a price.") }
        return (
            .fail,
            "\(Phrase.count(Int(calls), "call")) \(calls == 1 ? "has" : "have") no price: import the prices, then rate again."
        )
    }
}
