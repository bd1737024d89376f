import Accounting
import Postgres

/// An alert on a budget that is due for delivery to one channel, as one server has claimed it.
package struct DueAlert: Sendable {
    package let alertID: Int64
    package let kind: AlertKind
    package let channel: AlertChannel
    /// How many attempts at this alert have failed.
    package let failedAttempts: Int64
    /// How many attempts at anything for the channel have failed in a row.
    package let channelFailures: Int64
    package let budgetID: String
    /// The team of the budget's scope, if it names one, as it is called now. So is a team among `scopeValues`.
    package let team: String?
    package let unit: Budget.Unit
    /// The share of the limit that was reached; 0 for a denial.
    package let threshold: Fraction
    /// When the share was reached, or the call was denied.
    package let occurredAt: Timestamp
    /// The value whose window it is, by the fields that are `*` in the budget's scope.
    package let scopeValues: [String: String]
    package let windowStart: Timestamp
    package let windowEnd: Timestamp?
    package let spent: Int64
    package let limit: Int64

    static let columns = """
        t.alert_id, t.kind, a.name, NULLIF(a.team, ''), a.url, a.secret, a.created_at, c.attempts, a.failures, b.id,
        team_called(b.team), b.unit, t.threshold_millionths, t.crossed_at, b.each_fields, w.value,
        CASE WHEN b.each_fields[1] = 'team' AND w.value <> ''
            THEN team_called(CASE WHEN w.value LIKE '[%' THEN w.value::json ->> 0 ELSE w.value END) END,
        w.starts_at, w.ends_at, t.spent, t.limit_amount
        """

    init(_ row: Row) throws {
        let (
            id, kind, name, channelTeam, url, secret, createdAt, attempts, failures, budget, team, unit, threshold,
            occurredAt, fields, value, teamOfValue, start, end, spent, limit
        ) = try row.decode(
            (
                Int64, String, String, String?, String, String, Timestamp, Int64, Int64, String, String?, String, Int64,
                Timestamp, [String], String, String?, Timestamp, Timestamp?, Int64, Int64
            ).self)
        alertID = id
        self.kind = AlertKind(rawValue: kind)!
        channel = AlertChannel(name: name, team: channelTeam, url: url, secret: secret, createdAt: createdAt)
        (failedAttempts, channelFailures) = (attempts, failures)
        budgetID = budget
        self.team = team
        self.unit = Budget.Unit(rawValue: unit)!
        self.threshold = Fraction(millionths: threshold)
        self.occurredAt = occurredAt
        var values = WindowValue(text: value)?.values ?? []
        if let teamOfValue, !values.isEmpty { values[0] = teamOfValue }
        scopeValues = Dictionary(zip(fields, values)) { first, _ in first }
        (windowStart, windowEnd) = (start, end)
        self.spent = spent
        self.limit = limit
    }
}
