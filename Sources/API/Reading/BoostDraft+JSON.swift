import Accounting
import JSON
import Ledger

extension BoostDraft {
    private static let longestDays: Int64 = 400

    /// Reads the body of `POST /v1/budgets/{id}/boosts`.
    init(_ json: JSONValue, of budget: Budget, at now: Timestamp) throws(JSONFailure) {
        var fields = JSONFields(json)
        let amount = fields.added(to: budget)
        let from = fields.optional("from", Field.timeExpectation, Field.time)
        let until = fields.required("until", Field.timeExpectation, Field.time)
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        if let until {
            if until <= now { fields.refuse("until", "must be a time to come") }
            if until > now.adding(seconds: Self.longestDays * 86_400) {
                fields.refuse("until", "must be within \(Self.longestDays) days")
            }
            if let from, from >= until { fields.refuse("from", "must be before until") }
        }
        try fields.finish()
        self.init(amount: amount!, startsAt: from, endsAt: until!, reason: reason!)
    }
}

extension JSONFields {
    /// What is added to a budget, in its unit.
    fileprivate mutating func added(to budget: Budget) -> Int64? {
        let units: [(unit: Budget.Unit, name: StaticString)] = [
            (.usd, "amount_usd"), (.tokens, "amount_tokens"), (.calls, "amount_calls"),
        ]
        var amount: Int64?
        for (unit, name) in units {
            if unit == budget.unit {
                amount = required(name, "\(Field.amountExpectation(in: unit)), above 0") { value in
                    Field.amount(value, in: unit).flatMap { $0 > 0 ? $0 : nil }
                }
            } else if value(name) != nil {
                refuse(name, "cannot be added: the budget counts \(budget.unit.rawValue)")
            }
        }
        return amount
    }
}
