/// Finds the budgets that count a call in time that grows with the shapes of scopes in use, not with their number.
///
/// A shape is the set of fields a scope names. A call has one key a shape, put together from one hash a field; a table of
/// all keys says which budgets may have it. Nothing is allocated to look.
package final class ScopeIndex: Sendable {
    /// What every call that a budget counts asks of it. They stand side by side, so that few calls look further.
    struct Terms: Sendable {
        let number: Int64
        let unit: Budget.Unit
        let enforcement: Budget.Enforcement
        let hasThreshold: Bool
        let admitsUnpriced: Bool
    }

    /// By number.
    package let budgets: [Budget]
    /// Of the budget at the same place.
    let terms: [Terms]
    /// The model each of them names, resolved as a call's is, so that a bare name means its maker's own API.
    private let models: [ModelName?]
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
            let named = models[index] ?? ModelName(provider: scope.provider ?? "", model: "")
            return shapes[index].key(who, FieldHashes(who, named, shapes[index].fields))!
        }
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

    /// Puts the places in `budgets` of those that count a call of `who` served by `model` into `found`, by number.
    package func find(_ who: Attribution, _ model: ModelName, into found: inout [Int]) {
        found.removeAll(keepingCapacity: true)
        if shapes.isEmpty { return }
        let hashes = FieldHashes(who, model, fieldsInUse)
        for shape in shapes {
            guard let key = shape.key(who, hashes) else { continue }
            // Two scopes may share a hash, so each is compared in full.
            for index in table.range(of: key) where counts(table[index], who, model) { found.append(table[index]) }
        }
        if found.count > 1 { found.sort() }
    }

    private func counts(_ place: Int, _ who: Attribution, _ model: ModelName) -> Bool {
        let scope = budgets[place].scope
        return (scope.team == nil || scope.team == who.team)
            && (scope.feature == nil || scope.feature == who.feature)
            && (scope.user == nil || scope.user == who.user)
            && (scope.run == nil || scope.run == who.run)
            && (scope.model == nil || models[place] == model)
            && (scope.provider == nil || scope.provider == model.provider)
            && (scope.tags.isEmpty || scope.tags.allSatisfy { who.tag($0.key) == $0.value })
    }
}
