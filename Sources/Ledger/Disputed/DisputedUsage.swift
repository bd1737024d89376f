import Accounting
import Postgres

/// Usage that was refused, because its id has an entry with other content. Real money may be in it.
package struct DisputedUsage: Sendable {
    package enum State: String, Sendable, CaseIterable { case open, accepted, dismissed }

    package let number: Int64
    package let recordedAt: Timestamp
    package let team: String
    /// The id of the request, or of an event of `source`.
    package let id: String
    package let source: String?
    package let provider: String
    package let model: String
    package let occurredAt: Timestamp
    /// Nil where it has no price.
    package let cost: Money?
    /// The entry that has the id, and what it cost.
    package let committedEntryID: Int64
    package let committedCost: Money?
    package let state: State
    package let decidedAt: Timestamp?
    package let decidedBy: String?
    package let reason: String?
    /// The entry that took the place of the committed one.
    package let entryID: Int64?
}

/// Who decides on disputed usage, and why.
package struct DisputeDecision: Sendable {
    package let author: String
    package let reason: String

    package init(author: String, reason: String) {
        self.author = author
        self.reason = reason
    }
}

extension DisputedUsage {
    /// What a list is limited to.
    package struct Filter: Sendable {
        package var team: String?
        /// Of the calls, in the accounting time zone.
        package var month: CalendarMonth?
        package var state: State?

        package init(team: String?, month: CalendarMonth?, state: State?) {
            (self.team, self.month, self.state) = (team, month, state)
        }
    }

    private static let statement: SQL = """
        SELECT d.disputed_id, d.recorded_at, d.team, d.owner, d.id, d.provider, d.model, d.occurred_at, d.cost_nanodollars,
            d.committed_entry_id, l.effective_cost_nanodollars, d.state, d.decided_at, d.decided_by, d.decision_reason,
            d.entry_id
        FROM disputed d LEFT JOIN ledger l ON l.entry_id = d.committed_entry_id
        """

    /// The newest first, before the one of number `last`.
    package static func list(
        _ filter: Filter, before last: Int64?, limit: Int64, _ connection: Connection
    ) throws -> [DisputedUsage] {
        try connection.query(
            statement
                + """
                 CROSS JOIN deployment
                WHERE d.disputed_id < \(last ?? .max) AND (\(filter.team)::text IS NULL OR d.team = \(filter.team))
                    AND (\(filter.state?.rawValue)::text IS NULL OR d.state = \(filter.state?.rawValue))
                    AND (\(filter.month?.firstDay)::date IS NULL
                        OR d.occurred_at >= \(filter.month?.firstDay)::timestamp AT TIME ZONE accounting_time_zone
                        AND d.occurred_at < (\(filter.month?.firstDay) + interval '1 month') AT TIME ZONE accounting_time_zone)
                ORDER BY d.disputed_id DESC LIMIT \(limit)
                """
        ).map(DisputedUsage.init)
    }

    package static func find(_ number: Int64, _ connection: Connection) throws -> DisputedUsage? {
        try connection.query(statement + " WHERE d.disputed_id = \(number)").first.map(DisputedUsage.init)
    }

    /// Closes disputed usage: what was committed stands. To dismiss it again changes nothing.
    package static func dismiss(_ number: Int64, _ decision: DisputeDecision, _ connection: Connection) throws {
        try connection.execute(
            """
            UPDATE disputed SET state = 'dismissed', decided_by = \(decision.author), decided_at = now(),
                decision_reason = \(decision.reason) WHERE disputed_id = \(number) AND state = 'open'
            """)
    }

    private init(_ row: Row) throws {
        let (owner, cost, committedCost, state): (String, Int64?, Int64?, String)
        (
            number, recordedAt, team, owner, id, provider, model, occurredAt, cost, committedEntryID, committedCost,
            state,
            decidedAt, decidedBy, reason, entryID
        ) = try row.decode(
            (
                Int64, Timestamp, String, String, String, String, String, Timestamp, Int64?, Int64, Int64?, String,
                Timestamp?, String?, String?, Int64?
            ).self)
        source = EntryKey(owner: owner, id: id).source
        self.cost = cost.map(Money.init(nanodollars:))
        self.committedCost = committedCost.map(Money.init(nanodollars:))
        self.state = State(rawValue: state) ?? .open
    }
}
