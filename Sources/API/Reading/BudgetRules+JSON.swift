import Accounting
import JSON

extension JSONFields {
    /// The fields `carry_over`, `planned`, `pacing` and `unsettled`.
    mutating func rules(period: Period?, unit: Budget.Unit?) -> BudgetRules {
        let unit = unit ?? .usd
        let carryOver = optional("carry_over", "none, all, or a cap such as {\"\(unit.capName)\": …}") {
            BudgetRules.CarryOver(json: $0, in: unit)
        }
        let planned = planned(in: unit)
        let isPaced = optional("pacing", "true or false", \.bool) ?? false
        let unsettled: BudgetRules.Unsettled? = optional(
            "unsettled", Field.choices(BudgetRules.Unsettled.self), Field.choice)
        let allowance = allowance(in: unit)
        if let period {
            if !period.hasWindows, let carryOver, carryOver != .none {
                refuse("carry_over", "needs a period that ends: nothing follows this one")
            }
            if !period.hasWindows, isPaced {
                refuse("pacing", "needs a period that ends: there is no time to last for")
            }
            if period != .month, !planned.isEmpty { refuse("planned", "is for budgets of a month only") }
        }
        return BudgetRules(
            carryOver: carryOver ?? .none, planned: planned, isPaced: isPaced, unsettled: unsettled ?? .record,
            allowance: allowance)
    }

    private mutating func allowance(in unit: Budget.Unit) -> Int64? {
        let name: StaticString =
            switch unit {
            case .usd: "allowance_usd"
            case .tokens: "allowance_tokens"
            case .calls: "allowance_calls"
            }
        return optional(name, Field.amountExpectation(in: unit)) { Field.amount($0, in: unit) }
    }

    private mutating func planned(in unit: Budget.Unit) -> [BudgetRules.Plan] {
        guard let value = value("planned") else { return [] }
        guard value.kind == .object, value.fields.count(where: { _ in true }) <= BudgetRules.maximumPlans else {
            refuse("planned", "must be an object of up to \(BudgetRules.maximumPlans) months and their limits")
            return []
        }
        var plans: [BudgetRules.Plan] = []
        for (name, amount) in value.fields {
            let place = "\(pointer(to: "planned"))/\(Self.escaped(name))"
            guard let month = CalendarMonth(text: name) else {
                refuse([FieldError(pointer: place, detail: "is not a month, such as 2026-12")])
                continue
            }
            guard let limit = Field.amount(amount, in: unit) else {
                refuse([FieldError(pointer: place, detail: "must be \(Field.amountExpectation(in: unit))")])
                continue
            }
            if plans.contains(where: { $0.month == month }) {
                refuse([FieldError(pointer: place, detail: "is given twice")])
            }
            plans.append(BudgetRules.Plan(month: month, limit: limit))
        }
        return plans
    }
}

extension BudgetRules.CarryOver {
    fileprivate init?(json: JSONValue, in unit: Budget.Unit) {
        let fields = Array(json.fields)
        switch json.string {
        case "none": self = .none
        case "all": self = .all
        case nil where json.kind == .object && fields.count == 1 && fields[0].name == unit.capName:
            guard let cap = Field.amount(fields[0].value, in: unit) else { return nil }
            self = .upTo(cap)
        default: return nil
        }
    }
}

extension Budget.Unit {
    /// The field with the most that is carried over.
    fileprivate var capName: String { "cap_\(rawValue)" }
}

extension BudgetRules {
    func write(to writer: inout JSONWriter, in unit: Budget.Unit) {
        writer.name("carry_over")
        switch carryOver {
        case .none: writer.string("none")
        case .all: writer.string("all")
        case .upTo(let cap): writer.object { $0.amount(named: unit.capName, cap, of: unit) }
        }
        writer.name("planned")
        writer.object { for plan in planned { $0.amount(named: plan.month.description, plan.limit, of: unit) } }
        writer.field("pacing", isPaced)
        writer.field("unsettled", unsettled.rawValue)
        writer.amount(.allowance, allowance, of: unit)
    }
}
