import Accounting
import Postgres

/// Money that nobody has accounted for: a call whose hold expired, or what was left of a lease that was reclaimed.
package struct UnsettledRecord: Sendable {
    package enum Kind: String, Sendable { case hold, lease }

    /// What a lease was for.
    package struct Lease: Sendable {
        package let budgetID: String
        package let unit: Budget.Unit
    }

    package let id: Int64
    package let kind: Kind
    package let recordedAt: Timestamp
    /// Of a hold: whose call it was. A hold that could not be read any more has none of these.
    package let team: String?
    package let feature: String?
    package let requestID: String?
    package let model: String?
    package let authorizedAt: Timestamp?
    package let lease: Lease?
    /// The worst case of the call in nanodollars, nil where it had no price; of a lease, what was left in its budget's unit.
    package let amount: Int64?
    /// The entry that the hold became.
    package let estimatedEntryID: Int64?
    package let estimatedCost: Money?
}

extension UnsettledRecord {
    /// The newest records of calls that were not settled since, of one team or all, before the record `last`. Leases have
    /// no team.
    package static func list(
        team: String?, before last: Int64?, limit: Int64, _ connection: Connection
    ) throws -> [UnsettledRecord] {
        try connection.query(
            """
            SELECT u.unsettled_id, u.kind, u.recorded_at, u.team, u.feature, u.request_id, u.model, u.authorized_at,
                b.id, b.unit, u.amount, u.estimated_entry_id, u.estimated_nanodollars
            FROM unsettled u
            LEFT JOIN budget_window w ON w.window_id = u.window_id LEFT JOIN budget b USING (budget_number)
            WHERE u.entry_id IS NULL AND u.unsettled_id < \(last ?? .max)
                AND (\(team)::text IS NULL OR u.team = \(team))
            ORDER BY u.unsettled_id DESC LIMIT \(limit)
            """
        ).map { row in
            let (
                id, kind, recordedAt, team, feature, requestID, model, authorizedAt, budget, unit, amount,
                estimatedEntryID, estimated
            ) =
                try row.decode(
                    (
                        Int64, String, Timestamp, String?, String?, String?, String?, Timestamp?, String?, String?,
                        Int64?, Int64?, Int64?
                    ).self)
            let lease = budget.flatMap { id in unit.flatMap(Budget.Unit.init).map { Lease(budgetID: id, unit: $0) } }
            return UnsettledRecord(
                id: id, kind: Kind(rawValue: kind) ?? .hold, recordedAt: recordedAt, team: team, feature: feature,
                requestID: requestID, model: model, authorizedAt: authorizedAt, lease: lease, amount: amount,
                estimatedEntryID: estimatedEntryID, estimatedCost: estimated.map(Money.init(nanodollars:)))
        }
    }
}
