import Accounting

/// Money paid, or granted, to a provider in advance: its calls draw it down before anything is invoiced.
///
/// What a call costs (`effective_cost_nanodollars`) is the same whoever pays it, as FOCUS has it for `EffectiveCost`
/// (https://focus.finops.org), so that budgets, verdicts and entries know nothing of credits.
package struct Credit: Hashable, Sendable {
    package let id: String
    package let provider: String
    /// Only calls of this model, by the name entries have for it; nil for all.
    package let model: String?
    /// Only calls of this team; nil for all.
    package let team: String?
    /// More than 0.
    package let amount: Money
    /// The first day it pays, in the accounting time zone.
    package let validFrom: CalendarDay
    /// The first day it no longer does; nil where it has no end.
    package let validUntil: CalendarDay?
    /// Where it comes from, for people.
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
