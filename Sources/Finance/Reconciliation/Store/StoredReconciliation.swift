import Accounting
import Ledger
import Postgres

/// A comparison as it is kept.
package struct StoredReconciliation: Sendable {
    package let id: Int64
    package let month: CalendarMonth
    package let provider: String
    package let form: String
    package let madeAt: Timestamp
    package let madeBy: String
    package let lastDay: CalendarDay?
    package let ours: Money
    package let theirs: Money
    package let theirsExact: String
    package let warnings: [String]
    /// How many differences nobody has accepted.
    package let openLines: Int64
    /// Whether a later file took its place.
    package let isReplaced: Bool

    package var difference: Money { theirs - ours }

    static let statement: SQL = """
        SELECT r.reconciliation_id, r.month, r.provider, r.form, r.made_at, r.made_by, r.last_day, r.ours_nanodollars,
            r.theirs_nanodollars, r.theirs_exact, r.warnings,
            (SELECT count(*) FROM reconciliation_found f WHERE f.reconciliation_id = r.reconciliation_id AND f.is_open),
            EXISTS (SELECT FROM reconciliation n WHERE n.month = r.month AND n.provider = r.provider
                AND n.reconciliation_id > r.reconciliation_id)
        FROM reconciliation r
        """

    init(_ row: Row) throws {
        let (month, ours, theirs): (CalendarDay, Int64, Int64)
        (
            id, month, provider, form, madeAt, madeBy, lastDay, ours, theirs, theirsExact, warnings, openLines,
            isReplaced
        ) = try row.decode(
            (
                Int64, CalendarDay, String, String, Timestamp, String, CalendarDay?, Int64, Int64, String, [String],
                Int64, Bool
            ).self)
        self.month = month.month
        (self.ours, self.theirs) = (Money(nanodollars: ours), Money(nanodollars: theirs))
    }
}

/// A line of a comparison as it is kept, with what was decided on it.
package struct StoredReconciliationLine: Sendable {
    package let number: Int64
    package let line: ReconciledLine
    package let acceptedAt: Timestamp?
    package let acceptedBy: String?
    package let acceptedReason: String?
    /// Whether it is a difference that nobody has accepted.
    package let isOpen: Bool

    static let statement: SQL = """
        SELECT number, kind, day, model, ours_nanodollars, theirs_nanodollars, ours_tokens, theirs_tokens, detail,
            accepted_at, accepted_by, accepted_reason, is_open
        FROM reconciliation_found
        """

    init(_ row: Row) throws {
        let (kind, day, model, ours, theirs): (String, CalendarDay?, String?, Int64, Int64)
        let (oursTokens, theirsTokens, detail): (Int64?, Int64?, String?)
        (
            number, kind, day, model, ours, theirs, oursTokens, theirsTokens, detail, acceptedAt, acceptedBy,
            acceptedReason, isOpen
        ) = try row.decode(
            (
                Int64, String, CalendarDay?, String?, Int64, Int64, Int64?, Int64?, String?, Timestamp?, String?,
                String?, Bool
            ).self)
        line = ReconciledLine(
            ReconciledLine.Kind(rawValue: kind) ?? .unexplained, day: day, model: model, ours: ours, theirs: theirs,
            oursTokens: oursTokens, theirsTokens: theirsTokens, detail: detail)
    }
}
