import Accounting
import JSON

/// Money, times and amounts as answers have them, written without a string in between: every verdict has about ten.
extension JSONWriter {
    mutating func field(_ name: StaticString, _ money: Money?) {
        self.name(name)
        guard let money else { return null() }
        FixedPoint.withText(money.nanodollars, places: Money.places) { string(unescaped: $0) }
    }

    mutating func field(_ name: StaticString, _ moment: Timestamp?) {
        self.name(name)
        guard let moment else { return null() }
        moment.withText { string(unescaped: $0) }
    }

    /// The four amounts of a budget, in its unit: money as text, counts as numbers.
    mutating func amounts(of unit: Budget.Unit, limit: Int64, spent: Int64, held: Int64) {
        amount(.limit, limit, of: unit)
        amount(.spent, spent, of: unit)
        amount(.held, held, of: unit)
        amount(.remaining, Budget.remaining(of: limit, spent: spent, held: held), of: unit)
    }

    mutating func amount(_ kind: BudgetAmount, _ amount: Int64?, of unit: Budget.Unit) {
        let name = kind.field(in: unit)
        if unit == .usd { field(name, amount.map(Money.init(nanodollars:))) } else { field(name, amount) }
    }
}

extension JSONWriter {
    /// An amount in a budget's unit under a name of its own.
    mutating func amount(named name: String, _ amount: Int64, of unit: Budget.Unit) {
        if unit == .usd { field(named: name, Money(nanodollars: amount).usd) } else { field(named: name, amount) }
    }
}

/// The amounts of a budget, whose fields are named after the unit.
enum BudgetAmount {
    case limit, windowLimit, spent, held, remaining, added, allowance, carriedOver, plan

    func field(in unit: Budget.Unit) -> StaticString {
        switch (self, unit) {
        case (.limit, .usd): "limit_usd"
        case (.limit, .tokens): "limit_tokens"
        case (.limit, .calls): "limit_calls"
        case (.windowLimit, .usd): "window_limit_usd"
        case (.windowLimit, .tokens): "window_limit_tokens"
        case (.windowLimit, .calls): "window_limit_calls"
        case (.spent, .usd): "spent_usd"
        case (.spent, .tokens): "spent_tokens"
        case (.spent, .calls): "spent_calls"
        case (.held, .usd): "held_usd"
        case (.held, .tokens): "held_tokens"
        case (.held, .calls): "held_calls"
        case (.remaining, .usd): "remaining_usd"
        case (.remaining, .tokens): "remaining_tokens"
        case (.remaining, .calls): "remaining_calls"
        case (.carriedOver, .usd): "carried_over_usd"
        case (.carriedOver, .tokens): "carried_over_tokens"
        case (.carriedOver, .calls): "carried_over_calls"
        case (.allowance, .usd): "allowance_usd"
        case (.allowance, .tokens): "allowance_tokens"
        case (.allowance, .calls): "allowance_calls"
        case (.added, .usd): "amount_usd"
        case (.added, .tokens): "amount_tokens"
        case (.added, .calls): "amount_calls"
        case (.plan, .usd): "plan_usd"
        case (.plan, .tokens): "plan_tokens"
        case (.plan, .calls): "plan_calls"
        }
    }
}
