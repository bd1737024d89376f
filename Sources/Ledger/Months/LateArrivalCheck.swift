import Accounting
import Postgres
import Wording

/// Calls of the month that are still open, or usage of it that still comes in. What comes after the close is booked in the
/// next month.
enum LateArrivalCheck: MonthCheckKind {
    static let code = "late_arrivals"

    private static let soonSeconds: Int64 = 3_600
    private static let lateSeconds: Int64 = 86_400

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        // A hold is open for no longer than the longest that its lease has known, or than it was handed over for.
        let openUntil = try connection.query(
            """
            SELECT greatest(
                (SELECT \(month.span.upperBound) + make_interval(secs => max(longest_hold_seconds)) FROM lease
                    WHERE amount > 0),
                (SELECT max(expires_at) FROM handed_over
                    WHERE expires_at <= \(month.span.upperBound) + (SELECT make_interval(secs =>
                        COALESCE(max(longest_hold_seconds), 0)) FROM lease)))
            """)[0].decode(Timestamp?.self, at: 0)
        if let openUntil, openUntil > month.now {
            let time = Phrase.time(Phrase.withoutFraction(openUntil.description))
            return (.fail, "Calls of \(month.month) may be open until \(time): wait for them.")
        }
        let last = try connection.query(
            """
            SELECT max(recorded_at), count(*) FILTER (WHERE recorded_at > \(month.now.adding(seconds: -lateSeconds)))
            FROM ledger WHERE booking_month = \(month.month.firstDay)
            """)[0].decode((Timestamp?, Int64).self)
        guard let recordedAt = last.0, last.1 > 0 else { return (.pass, "Nothing was recorded in the last day.") }
        let isSoon = recordedAt > month.now.adding(seconds: -soonSeconds)
        let entries = Phrase.count(Int(last.1), "entry", "entries")
        let time = Phrase.time(Phrase.withoutFraction(recordedAt.description))
        return (
            isSoon ? .fail : .warn,
            "\(entries) of \(month.month) came in the last day, the last one at \(time): more may come."
        )
    }
}
