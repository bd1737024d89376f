import Accounting
import Postgres

/// A row of `budget`.
///
/// A row that this version cannot read (a period of a later version, a time zone that this host does not know) becomes a
/// budget that refuses every call in its scope on this server. To leave it out would let those calls spend freely.
struct StoredBudget {
    let budget: Budget
    let isRemoved: Bool

    static let columns = """
        budget_number, id, version, team, feature, "user", run, model, provider, tag_keys, tag_values, period, time_zone,
        unit, limit_amount, enforcement, unpriced, downgrade_at_millionths, alert_at_millionths, created_at,
        removed_at IS NOT NULL
        """

    init(_ row: Row) throws {
        let (
            number, id, version, team, feature, user, run, model, provider, keys, values, period, zoneName, unit, limit,
            enforcement, unpriced, downgradeAt, alertAt, createdAt, isRemoved
        ) = try row.decode(
            (
                Int64, String, Int64, String?, String?, String?, String?, String?, String?, [String], [String], String,
                String, String, Int64, String, String, Int64?, [Int64], Timestamp, Bool
            ).self)
        self.isRemoved = isRemoved
        let scope = Scope(
            team: team, feature: feature, user: user, run: run, model: model,
            provider: provider.map(ProviderName.canonical), tags: zip(keys, values).map { Tag(key: $0, value: $1) })
        guard let zone = Zone.shared(zoneName) else {
            budget = Budget(number: number, id: id, scope: scope, whyUnreadable: "the time zone \(zoneName)")
            return
        }
        guard let period = Period(rawValue: period), let unit = Budget.Unit(rawValue: unit),
            let enforcement = Budget.Enforcement(rawValue: enforcement),
            let unpriced = Budget.Unpriced(rawValue: unpriced)
        else {
            budget = Budget(number: number, id: id, scope: scope, whyUnreadable: "settings of a later version")
            return
        }
        budget = Budget(
            number: number, id: id, version: version, scope: scope, period: period, zone: zone, unit: unit,
            limit: limit, enforcement: enforcement, unpriced: unpriced,
            downgradeAt: downgradeAt.map(Fraction.init(millionths:)),
            alertAt: alertAt.map(Fraction.init(millionths:)), createdAt: createdAt)
    }
}
