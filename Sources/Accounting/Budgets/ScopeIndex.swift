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
        let isPaced: Bool
        let admitsUnpriced: Bool
        let isReadable: Bool
        let hasWildcard: Bool

        init(_ budget: Budget) {
            number = budget.number
            unit = budget.unit
            enforcement = budget.enforcement
            hasThreshold = budget.downgradeAt != nil
            isPaced = budget.pacing != nil && budget.enforcement != .shadow
            admitsUnpriced = budget.unpriced == .admit
            isReadable = budget.whyUnreadable == nil
            hasWildcard = budget.scope.hasWildcard
        }
    }

    /// Ordered by number.
    package let budgets: [Budget]
    /// The places by the hash of a budget's id. A third of the size of a dictionary of ids.
    private let ids: KeyTable
    /// The terms of the budget at the same place.
    let terms: [Terms]
    /// The model that each scope names. It is resolved like the model of a call, so a bare name means its maker's own
    /// API. It means the model's snapshots too.
    private let models: ModelColumn
    /// The snapshots of the models that scopes name.
    private let families: FamilyTable
    private let shapes: [ScopeShape]
    private let fieldsInUse: ScopeFields
    private let table: KeyTable
    private let own: OwnBudgets

    /// Whether this version can read every budget.
    let areAllReadable: Bool

    package init(_ budgets: [Budget], prices: PriceBook) {
        let places = budgets.sorted { $0.number < $1.number }.map { Indexed($0, prices) }
        self.budgets = places.map(\.budget)
        ids = KeyTable(places.map { QuickHash($0.budget.id).value })
        terms = places.map { Terms($0.budget) }
        models = ModelColumn().appending(places.map(\.model))
        shapes = Array(Set(places.map(\.shape)))
        fieldsInUse = places.reduce(into: []) { $0.formUnion($1.shape.fields) }
        table = KeyTable(places.map(\.key))
        own = OwnBudgets(places)
        families = FamilyTable(of: Self.families(of: places, prices), in: prices)
        areAllReadable = terms.allSatisfy(\.isReadable)
    }

    /// The models whose snapshots count as they do: those that scopes name, or all where each has windows of its own.
    private static func families(of places: [Indexed], _ prices: PriceBook) -> Set<ModelName> {
        let named = Set(places.compactMap(\.family))
        return places.contains { $0.shape.each.contains(.model) } ? named.union(prices.families) : named
    }

    /// A budget as the index has it.
    struct Indexed {
        let budget: Budget
        let model: ModelName?
        /// The model that `model` is a snapshot of, or itself.
        let family: ModelName?
        /// The model and provider of a call that the scope counts.
        let named: ModelName
        let shape: ScopeShape
        let key: UInt64

        init(_ budget: Budget, _ prices: PriceBook) {
            let scope = budget.scope
            self.budget = budget
            model = scope.model.map { prices.name(of: $0, provider: scope.provider) }
            shape = ScopeShape(scope)
            family = model.map(prices.family)
            // A scope that names a snapshot has the key of the snapshot's model, as the snapshot's calls have.
            named = family ?? ModelName(provider: scope.provider ?? "", model: "")
            let who = Self.counted(by: scope)
            key = shape.key(who, FieldHashes(who, named, shape.fields))!
        }

        /// A call that the scope counts. Any value stands for those of which it has one window each.
        private static func counted(by scope: Scope) -> Attribution {
            func value(_ field: ScopeFields, _ named: String?) -> String? {
                named ?? (scope.each.contains(field) ? Scope.wildcard : nil)
            }
            return Attribution(
                team: scope.team ?? "", feature: value(.feature, scope.feature), user: value(.user, scope.user),
                run: value(.run, scope.run),
                tags: scope.tags + scope.eachTag.map { Tag(key: $0, value: Scope.wildcard) })
        }
    }

    /// The index with changed and added budgets, of which none has another scope. A new budget has the highest number, so
    /// nothing that is indexed moves.
    ///
    /// - Parameter prices: must resolve model names as it did for this index.
    private init(_ former: ScopeIndex, _ changes: [Budget], prices: PriceBook) {
        var (budgets, terms) = (former.budgets, former.terms)
        var added: [Indexed] = []
        for budget in changes.sorted(by: { $0.number < $1.number }) {
            if let place = former.place(of: budget.number) {
                budgets[place] = budget
                terms[place] = Terms(budget)
            } else {
                added.append(Indexed(budget, prices))
            }
        }
        self.budgets = budgets + added.map(\.budget)
        ids = added.isEmpty ? former.ids : former.ids.appending(added.map { QuickHash($0.budget.id).value })
        self.terms = terms + added.map { Terms($0.budget) }
        models = former.models.appending(added.map(\.model))
        shapes = former.shapes + Set(added.map(\.shape)).subtracting(former.shapes)
        fieldsInUse = added.reduce(into: former.fieldsInUse) { $0.formUnion($1.shape.fields) }
        table = added.isEmpty ? former.table : former.table.appending(added.map(\.key))
        own = former.own.adding(added, from: former.budgets.count) { [budgets] in
            (budgets + added.map(\.budget)).map { Indexed($0, prices) }
        }
        families = former.families.adding(Self.families(of: added, prices), in: prices)
        areAllReadable = self.terms.allSatisfy(\.isReadable)
    }

    /// The index after some budgets have changed, were added or removed. It takes little time where none was removed or
    /// moved and no price has changed, however many budgets there are.
    ///
    /// - Parameter haveNewPrices: model names may resolve in another way than they did for this index.
    package func changing(
        _ changes: [Budget], removing removed: Set<Int64>, prices: PriceBook, haveNewPrices: Bool
    ) -> ScopeIndex {
        if changes.isEmpty, removed.isEmpty, !haveNewPrices { return self }
        let changed = Set(changes.map(\.number))
        // A budget gets another scope where its feature is moved.
        let isAppended = changes.allSatisfy { change in
            place(of: change.number).map { budgets[$0].scope == change.scope }
                ?? (change.number > budgets.last?.number ?? 0)
        }
        if removed.isEmpty, !haveNewPrices, isAppended { return ScopeIndex(self, changes, prices: prices) }
        let others = budgets.filter { !changed.contains($0.number) && !removed.contains($0.number) }
        return ScopeIndex(others + changes, prices: prices)
    }

    func place(of number: Int64) -> Int? {
        var (low, high) = (0, terms.count)
        while low < high {
            let middle = (low + high) / 2
            if terms[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < terms.count && terms[low].number == number ? low : nil
    }

    /// The model that the scope of this budget names.
    package func model(of number: Int64) -> ModelName? { place(of: number).flatMap { models[$0] } }

    /// The budget with this number.
    package func budget(_ number: Int64) -> Budget? { place(of: number).map { budgets[$0] } }

    package func budget(id: String) -> Budget? {
        for index in ids.range(of: QuickHash(id).value) where budgets[ids[index]].id == id {
            return budgets[ids[index]]
        }
        return nil
    }

    /// A budget that counts a call.
    package struct Match: Sendable {
        /// The budget's place in `budgets`.
        package let place: Int
        /// The number under which the windows of the call's value are kept (`ScopeShape.valueKey`).
        let valueKey: UInt64
    }

    /// Finds the budgets that count a call of `who` served by `model`. Stores them in `found`, ordered by number.
    package func find(_ who: Attribution, _ model: ModelName, into found: inout [Match]) {
        found.removeAll(keepingCapacity: true)
        if shapes.isEmpty { return }
        var hashes = FieldHashes(who, model, fieldsInUse)
        let family = families.family(of: model, &hashes.model)
        for shape in shapes {
            guard let key = shape.key(who, hashes) else { continue }
            // Different scopes may share a hash, so each match is compared in full.
            for index in table.range(of: key) where counts(table[index], who, model, family) {
                let place = table[index]
                let valueKey = shape.valueKey(ofBudget: terms[place].number, who, family, hashes)
                if shape.hasWildcard, hasOwnBudget(place, valueKey, who, model, family) { continue }
                found.append(Match(place: place, valueKey: valueKey))
            }
        }
        if found.count > 1 { found.sort { $0.place < $1.place } }
    }

    /// The value of a call in the windows of the budget at `place`, which counts it. A snapshot has the windows of its
    /// model.
    func value(of who: Attribution, _ model: ModelName, at place: Int) -> WindowValue {
        WindowValue(of: who, valueModel(model, at: place), in: budgets[place].scope)
    }

    /// Whether `value` is that of the call in the windows of the budget at `place`.
    func isValue(_ value: WindowValue, of who: Attribution, _ model: ModelName, at place: Int) -> Bool {
        value.isValue(of: who, valueModel(model, at: place), in: budgets[place].scope)
    }

    /// The model that a value of the budget at `place` names.
    func valueModel(_ model: ModelName, at place: Int) -> ModelName {
        guard budgets[place].scope.each.contains(.model) else { return model }
        var hash = FieldHashes(Attribution(team: ""), model, .model).model
        return families.family(of: model, &hash)
    }

    /// Whether the call's value has a budget of its own, in place of its windows of the budget at `place`.
    private func hasOwnBudget(
        _ place: Int, _ valueKey: UInt64, _ who: Attribution, _ model: ModelName, _ family: ModelName
    ) -> Bool {
        own[valueKey].contains { counts($0, who, model, family) && budgets[$0].isInPlace(of: budgets[place]) }
    }

    private func counts(_ place: Int, _ who: Attribution, _ model: ModelName, _ family: ModelName) -> Bool {
        // Reads one field at a time: a copy of the scope would count references to all its texts.
        let budget = budgets[place]
        return (budget.scope.team == nil || budget.scope.team == who.team)
            && (budget.scope.feature == nil || budget.scope.feature == who.feature)
            && (budget.scope.user == nil || budget.scope.user == who.user)
            && (budget.scope.run == nil || budget.scope.run == who.run)
            && (budget.scope.model == nil || models[place] == model || models[place] == family)
            && (budget.scope.provider == nil || budget.scope.provider == model.provider)
            && (budget.scope.tags.isEmpty || budget.scope.tags.allSatisfy { who.tag($0.key) == $0.value })
    }
}
