import Accounting
import Postgres

/// A request for more of a budget.
package struct BudgetRequest: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open, approved, denied, expired, withdrawn
    }

    package let number: Int64
    package let budgetNumber: Int64
    package let budgetID: String
    package let unit: Budget.Unit
    /// Whose request it is; nil if nobody's of a team.
    package let team: String?
    /// In the budget's unit.
    package let amount: Int64
    package let startsAt: Timestamp?
    package let endsAt: Timestamp
    package let reason: String
    package let state: State
    package let expiresAt: Timestamp
    package let madeBy: String
    package let madeAt: Timestamp
    package let decidedBy: String?
    package let decidedAt: Timestamp?
    package let decisionReason: String?
    /// What approving it has made.
    package let boostNumber: Int64?

    /// One whose time is over is expired, also while its row does not say so yet.
    static let statement: SQL = """
        SELECT q.request_id, q.budget_number, b.id, b.unit, q.team, q.amount, q.starts_at, q.ends_at, q.reason,
            CASE WHEN q.state = 'open' AND q.expires_at <= clock_timestamp() THEN 'expired' ELSE q.state END AS state,
            q.expires_at, q.made_by, q.made_at, q.decided_by, q.decided_at, q.decision_reason, q.boost_id
        FROM budget_request q JOIN budget b USING (budget_number)
        """

    init(_ row: Row) throws {
        let (unit, state): (String, String)
        (
            number, budgetNumber, budgetID, unit, team, amount, startsAt, endsAt, reason, state, expiresAt, madeBy,
            madeAt, decidedBy, decidedAt, decisionReason, boostNumber
        ) = try row.decode(
            (
                Int64, Int64, String, String, String?, Int64, Timestamp?, Timestamp, String, String, Timestamp, String,
                Timestamp, String?, Timestamp?, String?, Int64?
            ).self)
        self.unit = Budget.Unit(rawValue: unit) ?? .calls
        self.state = State(rawValue: state) ?? .expired
    }
}
