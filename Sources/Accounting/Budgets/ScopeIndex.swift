/// Finds the budgets that count a call. The time grows with the number of scope shapes in use, not with the number of
/// budgets.
///
/// A shape is the set of fields that a scope names. A call has one key for each shape, combined from one hash for each
/// field. A table of all keys says which budgets may match. A lookup allocates nothing.
package final class ScopeIndex: Sendable {
    /// The properties of a budget that every call it counts needs. They are stored side by side, so few calls need to
    /// look at the budget itself.
    struct Terms: Sendable {
        let number: Int64
        let unit: Budget.Unit
        let enforcement: Budget.Enforcement
        let hasThreshold: Bool
        let admitsUnpriced: Bool
    }

    /// Ordered by number.
    package let budgets: [Budget]
    /// The terms of the budget at the same place.
    let terms: [Terms]
    /// The model that each scope names. It is resolved like the model of a call, so a bare name means its maker's own
    /// API. It means the model's snapshots too.
    private let models: [ModelName?]
    /// The snapshots of the models that scopes name.
    private let families: FamilyTable
    private let shapes: [ScopeShape]
    private let fieldsInUse: ScopeShape.Fields
    private let table: KeyTable

    package init(_ budgets: [Budget], prices: PriceBook) {
        let sorted = budgets.sorted { $0.number < $1.number }
        let models = sorted.map { budget in
            budget.scope.model.map { prices.name(of: $0, provider: budget.scope.provider) }
        }
        let shapes = sorted.map { ScopeShape($0.scope) }
        let keys = sorted.indices.map { index in
            let scope = sorted[index].scope
            let who = Attribution(
                team: scope.team ?? "", feature: scope.feature, user: scope.user, run: scope.run, tags: scope.tags)
            // A scope that names a snapshot has the key of the snapshot's model, as the snapshot's calls have.
            let named = models[index].map(prices.family) ?? ModelName(provider: scope.provider ?? "", model: "")
            return shapes[index].key(who, FieldHashes(who, named, shapes[index].fields))!
        }
        families = FamilyTable(of: Set(models.compactMap { $0.map(prices.family) }), in: prices)
        self.budgets = sorted
        terms = sorted.map {
            Terms(
                number: $0.number, unit: $0.unit, enforcement: $0.enforcement, hasThreshold: $0.downgradeAt != nil,
                admitsUnpriced: $0.unpriced == .admit)
        }
        self.models = models
        self.shapes = Array(Set(shapes))
        fieldsInUse = shapes.reduce(into: []) { $0.formUnion($1.fields) }
        table = KeyTable(keys)
    }

    /// Finds the budgets that count a call of `who` served by `model`. Stores their places in `budgets` in `found`,
    /// ordered by number.
    package func find(_ who: Attribution, _ model: ModelName, into found: inout [Int]) {
        found.removeAll(keepingCapacity: true)
        if shapes.isEmpty { return }
        var hashes = FieldHashes(who, model, fieldsInUse)
        let family = families.family(of: model, &hashes.model)
        for shape in shapes {
            guard let key = shape.key(who, hashes) else { continue }
            // Different scopes may share a hash, so each match is compared in full.
            for index in table.range(of: key) where counts(table[index], who, model, family) {
                found.append(table[index])
            }
        }
        if found.count > 1 { found.sort() }
    }

    private func counts(_ place: Int, _ who: Attribution, _ model: ModelName, _ family: ModelName) -> Bool {
        let scope = budgets[place].scope
        return (scope.team == nil || scope.team == who.team)
            && (scope.feature == nil || scope.feature == who.feature)
            && (scope.user == nil || scope.user == who.user)
            && (scope.run == nil || scope.run == who.run)
            && (scope.model == nil || models[place] == model || models[place] == family)
            && (scope.provider == nil || scope.provider == model.provider)
            && (scope.tags.isEmpty || scope.tags.allSatisfy { who.tag($0.key) == $0.value })
    }
}
