import Accounting
import Postgres
import Wording

/// Usage that was refused because its id has other content waits for somebody's decision.
enum DisputedCheck: MonthCheckKind {
    static let code = "disputed"

    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String) {
        let open: Int64 = try connection.query(
            """
            SELECT count(*) FROM disputed WHERE state = 'open'
                AND occurred_at >= \(month.span.lowerBound) AND occurred_at < \(month.span.upperBound)
            """)[0].decode(at: 0)
        guard open > 0 else { return (.pass, "No usage is disputed.") }
        return (.fail, "\(Phrase.count(Int(open), "dispute")) \(open == 1 ? "is" : "are") open: accept or dismiss.")
    }
}
