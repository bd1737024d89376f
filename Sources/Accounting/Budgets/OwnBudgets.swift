/// The budgets of single values that a budget with one window each does not count: `{"team": "search"}` beside
/// `{"team": "*"}`.
///
/// A budget of every value is a default: a value with a budget of its own is left to that (`Budget.isInPlace`).
struct OwnBudgets: Sendable {
    /// By the number under which the value's windows would be kept, the places of the budgets.
    private var places: [UInt64: [Int]] = [:]
    /// The budgets of every value.
    private let defaults: [ScopeIndex.Indexed]

    init(_ indexed: [ScopeIndex.Indexed]) {
        defaults = indexed.filter(\.shape.hasWildcard)
        add(indexed, from: 0)
    }

    /// The table with further budgets, whose places begin at `first`. `all` are all budgets: they are looked through only
    /// where a further one is of every value.
    func adding(
        _ added: [ScopeIndex.Indexed], from first: Int, all: () -> [ScopeIndex.Indexed]
    ) -> OwnBudgets {
        if added.contains(where: \.shape.hasWildcard) { return OwnBudgets(all()) }
        var table = self
        table.add(added, from: first)
        return table
    }

    private mutating func add(_ added: [ScopeIndex.Indexed], from first: Int) {
        if defaults.isEmpty { return }
        for (offset, own) in added.enumerated() where !own.shape.hasWildcard {
            for wide in defaults where Self.isValue(own, of: wide) {
                places[Self.key(of: own, in: wide), default: []].append(first + offset)
            }
        }
    }

    subscript(valueKey: UInt64) -> [Int] { places.isEmpty ? [] : places[valueKey] ?? [] }

    /// Whether `own` names what `wide` names, and a value for each of its wildcards, and nothing else.
    private static func isValue(_ own: ScopeIndex.Indexed, of wide: ScopeIndex.Indexed) -> Bool {
        guard own.shape.named == wide.shape.fields,
            own.shape.tagKeys == (wide.shape.tagKeys + wide.shape.eachTagKeys).sorted()
        else { return false }
        let (scope, other) = (wide.budget.scope, own.budget.scope)
        return (scope.team == nil || scope.team == other.team)
            && (scope.feature == nil || scope.feature == other.feature)
            && (scope.user == nil || scope.user == other.user) && (scope.run == nil || scope.run == other.run)
            && (scope.model == nil || wide.model == own.model)
            && (scope.provider == nil || scope.provider == other.provider)
            && scope.tags.allSatisfy(other.tags.contains)
    }

    private static func key(of own: ScopeIndex.Indexed, in wide: ScopeIndex.Indexed) -> UInt64 {
        let scope = own.budget.scope
        let who = Attribution(
            team: scope.team ?? "", feature: scope.feature, user: scope.user, run: scope.run, tags: scope.tags)
        return wide.shape.valueKey(
            ofBudget: wide.budget.number, who, own.named, FieldHashes(who, own.named, wide.shape.each))
    }
}
