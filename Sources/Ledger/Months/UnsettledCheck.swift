import Accounting
import Postgres
import Wording

/// Calls that were let through and never settled may be on the provider's invoice. Those that became an estimated entry are
/// in the books.
enum UnsettledCheck: MonthCheckKind {
    static let code = "unsettled"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let (calls, worstCase) = try connection.query(
            """
            SELECT count(*), sum(amount)::numeric FROM unsettled
            WHERE kind = 'hold' AND entry_id IS NULL AND estimated_entry_id IS NULL
                AND authorized_at >= \(month.span.lowerBound) AND authorized_at < \(month.span.upperBound)
            """)[0].decode((Int64, Int128?).self)
        guard calls > 0 else { return (.pass, "Every call was settled, voided or booked as an estimate.") }
        let most = FixedPoint.text(worstCase ?? 0, places: Money.places)
        return (
            .fail,
            """
            \(Phrase.count(Int(calls), "call")) \(calls == 1 ? "was" : "were") never settled, at the most \
            \(Phrase.dollars(most)): settle them, or report their usage.
            """
        )
    }
}
