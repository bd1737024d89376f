import Wording

/// A limit on what calls of a scope may spend in each window of a period.
///
/// A class, because a budget never changes and is referenced everywhere: passing it on counts one reference.
package final class Budget: Sendable {
    package enum Enforcement: String, Sendable, CaseIterable {
        /// Calls that do not fit are denied.
        case hard
        /// Nothing is denied; passing the limit warns and alerts.
        case soft
        /// Nothing is denied; the budget only records what it would have denied.
        case shadow
    }

    /// How a hard money budget treats a call of unknown cost.
    package enum Unpriced: String, Sendable, CaseIterable {
        case deny
        /// Admits the call as long as anything is left. Its cost is charged once its price is known.
        case admit
    }

    /// What a limit counts.
    package enum Unit: String, Sendable, CaseIterable {
        case usd, tokens, calls

        /// An amount of this unit as text: USD for nanodollars, a whole number otherwise.
        package func text(_ amount: Int64) -> String {
            self == .usd ? Money(nanodollars: amount).usd : String(amount)
        }

        /// The amount as written in a sentence for people.
        package func phrase(_ amount: Int64) -> String {
            switch self {
            case .usd: Phrase.dollars(text(amount))
            case .tokens: Phrase.count(amount, "token")
            case .calls: Phrase.count(amount, "call")
            }
        }

        /// The verb that goes with the phrase of an amount.
        func verb(_ amount: Int64) -> String { self == .usd || amount == 1 ? "is" : "are" }
    }

    /// Who may change a budget.
    package enum Owner: String, Sendable, CaseIterable {
        /// The team whose calls it counts, and those who may change every budget.
        case team
        /// Admin and finance. The team sees it and cannot touch it.
        case company
    }

    /// What a window has left: what is neither spent nor held. Negative if more was spent or held than the limit.
    package static func remaining(of limit: Int64, spent: Int64, held: Int64) -> Int64 {
        limit.minus(spent).minus(held)
    }

    /// The shares of its limit at which a budget may downgrade or alert.
    package static let shareRange = Fraction(millionths: 1)...Fraction(millionths: 10 * Fraction.whole.millionths)
    package static let maximumAlerts = 16

    // The short fields stand together, which makes a budget smaller: there may be very many.

    /// The budget's number in the database. It never changes and is never used again.
    package let number: Int64
    package let id: String
    package let version: Int64
    package let scope: Scope
    package let zone: Zone
    /// In nanodollars, tokens or calls.
    package let limit: Int64
    package let createdAt: Timestamp
    /// Ascending.
    package let alertAt: [Fraction]
    /// What this version cannot read of the stored budget; nil if it can. Such a budget refuses every call in its scope.
    package let whyUnreadable: String?
    package let downgradeAt: Fraction?
    package let period: Period
    package let unit: Unit
    package let enforcement: Enforcement
    package let unpriced: Unpriced
    package let owner: Owner
    /// Whether somebody who may change every budget has set it. A team cannot give itself a budget in place of one that
    /// the company has set for every team.
    package let isGranted: Bool
    /// Nil where they are the usual ones, as of nearly all budgets.
    private let unusualRules: BudgetRules?
    /// Nil where the budget is not paced, as nearly all are.
    package let pacing: Pacing?

    package var rules: BudgetRules { unusualRules ?? .usual }

    package init(
        number: Int64, id: String, version: Int64, scope: Scope, period: Period, zone: Zone, unit: Unit, limit: Int64,
        enforcement: Enforcement, unpriced: Unpriced = .deny, downgradeAt: Fraction?, alertAt: [Fraction],
        owner: Owner = .team, isGranted: Bool = true, rules: BudgetRules = .usual, profile: SpendingProfile? = nil,
        createdAt: Timestamp
    ) {
        self.number = number
        self.id = id
        self.version = version
        self.scope = scope
        self.period = period
        self.zone = zone
        self.unit = unit
        self.limit = limit
        self.enforcement = enforcement
        self.unpriced = unpriced
        self.downgradeAt = downgradeAt
        self.alertAt = alertAt.sorted()
        self.owner = owner
        self.isGranted = isGranted
        unusualRules = rules == .usual ? nil : rules
        pacing = rules.isPaced ? Pacing(profile, in: zone) : nil
        self.createdAt = createdAt
        whyUnreadable = nil
    }

    /// A budget of which only the scope can be read.
    package init(number: Int64, id: String, scope: Scope, whyUnreadable: String) {
        self.number = number
        self.id = id
        version = 0
        self.scope = scope
        (period, zone, unit, limit) = (.total, .utc, .calls, 0)
        (enforcement, unpriced, downgradeAt, alertAt) = (.hard, .deny, nil, [])
        (owner, isGranted, unusualRules, pacing) = (.company, true, nil, nil)
        createdAt = Timestamp(seconds: 0)
        self.whyUnreadable = whyUnreadable
    }

    /// When what was spent at `moment` no longer counts; nil if it counts to the end of its window.
    package func leaves(spentAt moment: Timestamp) -> Timestamp? { period.rolling?.leaves(spentAt: moment) }

    /// From when on what was spent counts at `now`: the beginning of the window, or of the rolling time.
    package func countsFrom(at now: Timestamp) -> Timestamp {
        period.rolling.map { now.adding(seconds: -$0.seconds) } ?? window(containing: now).start
    }

    package func window(containing moment: Timestamp) -> WindowSpan { period.window(containing: moment, in: zone) }

    /// What people call a window of the budget: its id, and the value whose it is.
    func name(of value: WindowValue, _ names: TeamNames) -> String {
        if value.isNone { return id }
        let parts = zip(scope.eachNames, scope.called(value, names).values).map { name, value in
            "\(name.replacing(ScopeFields.tagPrefix, with: "tag ", maxReplacements: 1)) \(value)"
        }
        return "\(id) (\(parts.joined(separator: ", ")))"
    }

    /// The limit with which a window of the budget begins: that of its month, where the budget plans it.
    package func firstLimit(of span: WindowSpan) -> Int64 {
        guard let planned = unusualRules?.planned, !planned.isEmpty else { return limit }
        let month = zone.day(at: span.start).month
        return planned.first { $0.month == month }?.limit ?? limit
    }

    /// Whether the budget has this window. It has no window that ended before the budget was created.
    package func hasWindow(_ span: WindowSpan) -> Bool { span.end.map { $0 > createdAt } ?? true }

    /// How long it takes at the most until every server that admits calls has a new budget.
    private static let rolloutSeconds: Int64 = 60

    /// Whether the budget began with what was recorded at `moment`, unless the entry charges it.
    func beganWith(recordedAt moment: Timestamp) -> Bool { createdAt.adding(seconds: Self.rolloutSeconds) > moment }

    /// Whether a value that has this budget is left to it, in place of a window of `wide`, the budget of every value. It
    /// must bind as much in the same unit, and a budget that a team gave itself never takes the place of the company's.
    func isInPlace(of wide: Budget) -> Bool {
        unit == wide.unit && whyUnreadable == nil && (enforcement == .hard || enforcement == wide.enforcement)
            && (wide.owner == .team || isGranted)
    }
}
