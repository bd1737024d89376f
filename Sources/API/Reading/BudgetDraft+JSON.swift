import Accounting
import JSON
import Ledger

extension BudgetDraft {
    /// Reads the body of `PUT /v1/budgets/{id}`.
    ///
    /// - Parameter meant: the scope that the one in the body stands for.
    init(id: String, _ json: JSONValue, meant: (Scope) -> Scope = { $0 }) throws(JSONFailure) {
        try self.init(id: id, JSONFields(json), meant: meant)
    }

    /// Reads the same with an `id`, as a list has it.
    init(named json: JSONValue, pointer: String, meant: (Scope) -> Scope = { $0 }) throws(JSONFailure) {
        var fields = JSONFields(json, pointer: pointer)
        let id = fields.required("id", Field.nameExpectation, Field.name)
        try self.init(id: id ?? "", fields, meant: meant)
    }

    private init(id: String, _ fields: consuming JSONFields, meant: (Scope) -> Scope) throws(JSONFailure) {
        let scope = fields.scope()
        let period = fields.period()
        let zone = fields.optional("time_zone", "an IANA time zone, such as Europe/Berlin") { value in
            value.string.flatMap(Zone.init(name:))
        }
        let limit = fields.limit()
        let enforcement: Budget.Enforcement? = fields.optional(
            "enforcement", Field.choices(Budget.Enforcement.self), Field.choice)
        let unpriced: Budget.Unpriced? = fields.optional("unpriced", Field.choices(Budget.Unpriced.self), Field.choice)
        let downgradeAt = fields.optional("downgrade_at", Field.limitShareExpectation, Field.limitShare)
        let alertAt = fields.shares("alert_at")
        let owner: Budget.Owner? = fields.optional("owner", Field.choices(Budget.Owner.self), Field.choice)
        let rules = fields.rules(period: period, unit: limit?.unit)
        let reason = fields.optional("reason", Field.noteExpectation, Field.note)
        if owner == .team, scope != nil, scope?.team == nil {
            fields.refuse("owner", "must be company: the scope names no team")
        }
        try fields.finish()
        self.init(
            id: id, scope: meant(scope!), period: period!, zone: zone ?? .utc, unit: limit!.unit, limit: limit!.amount,
            enforcement: enforcement ?? .hard, unpriced: unpriced ?? .deny, downgradeAt: downgradeAt,
            alertAt: Set(alertAt).sorted(), owner: scope!.team == nil ? .company : owner, rules: rules, reason: reason)
    }
}

extension JSONFields {
    fileprivate mutating func limit() -> (unit: Budget.Unit, amount: Int64)? {
        let usd = optional("limit_usd", Field.moneyExpectation, Field.money)
        let tokens = optional("limit_tokens", Field.countExpectation, Field.count)
        let calls = optional("limit_calls", Field.countExpectation, Field.count)
        let limits: [(Budget.Unit, Int64)] =
            (usd.map { [(.usd, $0.nanodollars)] } ?? []) + (tokens.map { [(.tokens, $0)] } ?? [])
            + (calls.map { [(.calls, $0)] } ?? [])
        if limits.count != 1, !errors.contains(where: { $0.pointer.hasPrefix("/limit_") }) {
            refuse("limit_usd", "or limit_tokens or limit_calls is required, one of them")
        }
        return limits.count == 1 ? limits[0] : nil
    }

    /// Each share that cannot be taken is refused by its own place.
    fileprivate mutating func shares(_ name: StaticString) -> [Fraction] {
        let list = optional(
            name, "a list of up to \(Budget.maximumAlerts) shares of the limit, such as [0.5, 0.8, 1.0]"
        ) {
            let values = Array($0.elements.prefix(Budget.maximumAlerts + 1))
            return $0.kind == .array && values.count <= Budget.maximumAlerts ? values : nil
        }
        let shares = (list ?? []).map(Field.limitShare)
        for (index, share) in shares.enumerated() where share == nil {
            let place = "\(pointer(to: name))/\(index)"
            refuse([FieldError(pointer: place, detail: "must be \(Field.limitShareExpectation)")])
        }
        return shares.compactMap(\.self)
    }
}

extension Field {
    /// An amount in a budget's unit: money as text, counts as numbers.
    static func amount(_ value: JSONValue, in unit: Budget.Unit) -> Int64? {
        unit == .usd ? money(value)?.nanodollars : count(value)
    }

    static func amountExpectation(in unit: Budget.Unit) -> String {
        unit == .usd ? moneyExpectation : countExpectation
    }
}
