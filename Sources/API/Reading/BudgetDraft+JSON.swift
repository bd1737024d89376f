import Accounting
import JSON
import Ledger

extension BudgetDraft {
    /// Reads the body of `PUT /v1/budgets/{id}`.
    init(id: String, _ json: JSONValue) throws(JSONFailure) {
        var fields = JSONFields(json)
        let scope = fields.scope()
        let period: Period? = fields.required("period", Field.choices(Period.self), Field.choice)
        let zone = fields.optional("time_zone", "an IANA time zone, such as Europe/Berlin") { value in
            value.string.flatMap(Zone.init(name:))
        }
        let limit = fields.limit()
        let enforcement: Budget.Enforcement? = fields.optional(
            "enforcement", Field.choices(Budget.Enforcement.self), Field.choice)
        let unpriced: Budget.Unpriced? = fields.optional("unpriced", Field.choices(Budget.Unpriced.self), Field.choice)
        let downgradeAt = fields.optional("downgrade_at", Field.limitShareExpectation, Field.limitShare)
        let alertAt = fields.shares("alert_at")
        try fields.finish()
        self.init(
            id: id, scope: scope!, period: period!, zone: zone ?? .utc, unit: limit!.unit, limit: limit!.amount,
            enforcement: enforcement ?? .hard, unpriced: unpriced ?? .deny, downgradeAt: downgradeAt,
            alertAt: Set(alertAt).sorted())
    }
}

extension JSONFields {
    fileprivate mutating func scope() -> Scope? {
        guard let value = value("scope") else {
            refuse("scope", "is required")
            return nil
        }
        var fields = JSONFields(value, pointer: pointer(to: "scope"))
        let team = fields.optional("team", Field.nameExpectation, Field.name)
        let feature = fields.optional("feature", Field.nameExpectation, Field.name)
        let user = fields.optional("user", Field.nameExpectation, Field.name)
        let run = fields.optional("run", Field.nameExpectation, Field.name)
        let model = fields.optional("model", Field.modelExpectation, Field.model)
        let provider = fields.optional("provider", Field.modelExpectation, Field.provider)
        let tags = fields.optional("tags", Field.tagsExpectation, Field.tags) ?? []
        let scope = Scope(
            team: team, feature: feature, user: user, run: run, model: model, provider: provider, tags: tags)
        do throws(JSONFailure) {
            try fields.finish()
        } catch {
            if case .invalid(let errors) = error { refuse(errors) }
            return nil
        }
        if scope.isEmpty {
            refuse("scope", "must name at least one of team, feature, user, run, model, provider, tags")
            return nil
        }
        return scope
    }

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
