import Accounting
import Postgres

/// More of a budget for a time: an amount that is added to the limit of the windows that it meets.
package struct Boost: Sendable {
    package enum State: String, Sendable {
        case planned, active
        /// Its time is over, or its budget was removed.
        case ended
        case withdrawn
    }

    package let number: Int64
    /// In the budget's unit.
    package let amount: Int64
    package let startsAt: Timestamp
    package let endsAt: Timestamp
    package let state: State
    package let reason: String
    package let madeBy: String
    package let madeAt: Timestamp
    package let withdrawnBy: String?
    package let withdrawnAt: Timestamp?

    static let columns =
        "boost_id, amount, starts_at, ends_at, state, reason, made_by, made_at, withdrawn_by, withdrawn_at"

    init(_ row: Row) throws {
        let word: String
        (number, amount, startsAt, endsAt, word, reason, madeBy, madeAt, withdrawnBy, withdrawnAt) = try row.decode(
            (Int64, Int64, Timestamp, Timestamp, String, String, String, Timestamp, String?, Timestamp?).self)
        state = State(rawValue: word) ?? .ended
    }
}

/// A boost as requested, before it is stored.
package struct BoostDraft: Sendable {
    /// In the budget's unit.
    package let amount: Int64
    /// Nil: at once.
    package let startsAt: Timestamp?
    package let endsAt: Timestamp
    package let reason: String

    package init(amount: Int64, startsAt: Timestamp? = nil, endsAt: Timestamp, reason: String) {
        self.amount = amount
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.reason = reason
    }
}
