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
        budget_number, id, version, team, feature, "user", run, model, provider, tag_keys, tag_values, each_fields,
        COALESCE(extended_period, period), time_zone, unit, limit_amount, enforcement, unpriced, downgrade_at_millionths,
        alert_at_millionths, owner, is_granted, carry_over, carry_over_cap, planned_months, planned_limits, is_paced,
        unsettled, allowance, created_at, removed_at IS NOT NULL,
        CASE WHEN is_paced THEN (SELECT weights FROM spending_profile p WHERE p.budget_number = budget.budget_number) END
        """

    init(_ row: Row) throws {
        let (
            number, id, version, team, feature, user, run, model, provider, keys, values, each, period, zoneName, unit,
            limit, enforcement, unpriced, downgradeAt, alertAt, owner, isGranted, carryOver, carryOverCap, months,
            limits, isPaced, unsettled, allowance, createdAt, isRemoved, weights
        ) = try row.decode(
            (
                Int64, String, Int64, String?, String?, String?, String?, String?, String?, [String], [String],
                [String], String, String, String, Int64, String, String, Int64?, [Int64], String, Bool, String, Int64?,
                [CalendarDay], [Int64], Bool, String, Int64?, Timestamp, Bool, [Int64]?
            ).self)
        self.isRemoved = isRemoved
        let tagPrefix = ScopeFields.tagPrefix
        let scope = Scope(
            team: team, feature: feature, user: user, run: run, model: model,
            provider: provider.map(ProviderName.canonical), tags: zip(keys, values).map { Tag(key: $0, value: $1) },
            each: ScopeFields(names: each),
            eachTag: each.filter { $0.hasPrefix(tagPrefix) }.map { String($0.dropFirst(tagPrefix.count)) })
        guard let zone = Zone.shared(zoneName) else {
            budget = Budget(number: number, id: id, scope: scope, whyUnreadable: "the time zone \(zoneName)")
            return
        }
        guard scope.eachNames.count == each.count, let period = Period(text: period),
            let unit = Budget.Unit(rawValue: unit), let enforcement = Budget.Enforcement(rawValue: enforcement),
            let unpriced = Budget.Unpriced(rawValue: unpriced), let owner = Budget.Owner(rawValue: owner),
            let carryOver = BudgetRules.CarryOver(carryOver, cap: carryOverCap),
            let unsettled = BudgetRules.Unsettled(rawValue: unsettled)
        else {
            budget = Budget(number: number, id: id, scope: scope, whyUnreadable: "settings of a later version")
            return
        }
        let isUsual = carryOver == .none && months.isEmpty && !isPaced && unsettled == .record && allowance == nil
        let plans = zip(months, limits).map { BudgetRules.Plan(month: $0.month, limit: $1) }
        budget = Budget(
            number: number, id: id, version: version, scope: scope, period: period, zone: zone, unit: unit,
            limit: limit, enforcement: enforcement, unpriced: unpriced,
            downgradeAt: downgradeAt.map(Fraction.init(millionths:)),
            alertAt: alertAt.map(Fraction.init(millionths:)), owner: owner, isGranted: isGranted,
            rules: isUsual
                ? .usual
                : BudgetRules(
                    carryOver: carryOver, planned: plans, isPaced: isPaced, unsettled: unsettled, allowance: allowance),
            profile: weights.flatMap { SpendingProfile(weights: $0) },
            createdAt: createdAt)
    }
}

extension BudgetRules.CarryOver {
    /// As it is stored: a word, and the cap of `cap`.
    init?(_ word: String, cap: Int64?) {
        switch (word, cap) {
        case ("none", nil): self = .none
        case ("all", nil): self = .all
        case ("cap", let cap?): self = .upTo(cap)
        default: return nil
        }
    }

    var word: String {
        switch self {
        case .none: "none"
        case .all: "all"
        case .upTo: "cap"
        }
    }

    var cap: Int64? { if case .upTo(let cap) = self { cap } else { nil } }
}
