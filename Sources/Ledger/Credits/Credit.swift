import Accounting

/// Prepaid money with a provider, either paid in advance or granted. Calls to the provider draw the credit down before
/// anything is invoiced.
///
/// The cost of a call (`effective_cost_nanodollars`) does not depend on who pays, as FOCUS defines `EffectiveCost`
/// (https://focus.finops.org). So budgets, verdicts and entries know nothing of credits.
package struct Credit: Hashable, Sendable {
    package let id: String
    package let provider: String
    /// The credit pays only for calls of this model, named as in ledger entries; nil for all models.
    package let model: String?
    /// The credit pays only for calls of this team; nil for all teams.
    package let team: String?
    /// More than 0.
    package let amount: Money
    /// The first day on which the credit pays, in the accounting time zone.
    package let validFrom: CalendarDay
    /// The first day on which the credit no longer pays; nil if it has no end.
    package let validUntil: CalendarDay?
    /// Free text for readers: where the credit comes from.
    package let note: String?

    package init(
        id: String, provider: String, model: String? = nil, team: String? = nil, amount: Money, validFrom: CalendarDay,
        validUntil: CalendarDay? = nil, note: String? = nil
    ) {
        self.id = id
        self.provider = provider
        self.model = model
        self.team = team
        self.amount = amount
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.note = note
    }
}
