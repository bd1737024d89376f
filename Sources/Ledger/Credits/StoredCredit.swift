import Accounting
import Postgres

/// A credit as stored, with its withdrawal and the amount it has paid.
package struct StoredCredit: Sendable {
    package let credit: Credit
    package let addedAt: Timestamp
    package let addedBy: String
    package let withdrawnAt: Timestamp?
    /// What the credit has paid of all booked costs. The part for open months may still change.
    package let drawn: Money

    /// What is left of the credit, even after its last day. A withdrawn credit has nothing left.
    package var remaining: Money { withdrawnAt == nil ? credit.amount - drawn : .zero }

    static let columns = """
        c.id, c.provider, c.model, c.team, c.amount_nanodollars, c.valid_from, c.valid_until, c.note, c.added_at,
        c.added_by, w.withdrawn_at, COALESCE(d.nanodollars, 0)
        """

    init(_ row: Row) throws {
        let (id, provider, model, team, amount, from, until, note, addedAt, addedBy, withdrawnAt, drawn) =
            try row.decode(
                (
                    String, String, String?, String?, Int64, CalendarDay, CalendarDay?, String?, Timestamp, String,
                    Timestamp?, Int64
                ).self)
        credit = Credit(
            id: id, provider: provider, model: model, team: team, amount: Money(nanodollars: amount), validFrom: from,
            validUntil: until, note: note)
        self.addedAt = addedAt
        self.addedBy = addedBy
        self.withdrawnAt = withdrawnAt
        self.drawn = Money(nanodollars: drawn)
    }
}
