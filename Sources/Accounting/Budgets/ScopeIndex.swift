/// Finds the budgets that count a call in time that grows with the shapes of scopes in use, not with their number.
///
/// A shape is the set of fields a scope names. A call has one key a shape, hashed without making strings.
package struct ScopeIndex: Sendable {
    private struct Shape: Hashable {
        let hasTeam, hasFeature, hasUser, hasRun, hasModel, hasProvider: Bool
        let tagKeys: [String]

        init(_ scope: Scope) {
            hasTeam = scope.team != nil
            hasFeature = scope.feature != nil
            hasUser = scope.user != nil
            hasRun = scope.run != nil
            hasModel = scope.model != nil
            hasProvider = scope.provider != nil
            tagKeys = scope.tags.map(\.key)
        }

        /// The key of a call, nil where it lacks a field of this shape.
        func key(_ who: Attribution, _ model: ModelName) -> Int? {
            var hasher = Hasher()
            if hasTeam { hasher.combine(who.team) }
            if hasFeature {
                guard let feature = who.feature else { return nil }
                hasher.combine(feature)
            }
            if hasUser {
                guard let user = who.user else { return nil }
                hasher.combine(user)
            }
            if hasRun {
                guard let run = who.run else { return nil }
                hasher.combine(run)
            }
            if hasModel { hasher.combine(model) }
            if hasProvider { hasher.combine(model.provider) }
            for key in tagKeys {
                guard let value = who.tag(key) else { return nil }
                hasher.combine(value)
            }
            return hasher.finalize()
        }
    }

    private struct Entry {
        let budget: Budget
        let model: ModelName?
    }

    private let shapes: [(shape: Shape, entries: [Int: [Entry]])]

    /// A scope's model is resolved as a call's is, so that a bare name means its maker's own API.
    package init(_ budgets: [Budget], prices: PriceBook) {
        var shapes: [Shape: [Int: [Entry]]] = [:]
        for budget in budgets {
            let scope = budget.scope
            let model = scope.model.map { prices.name(of: $0, provider: scope.provider) }
            let who = Attribution(
                team: scope.team ?? "", feature: scope.feature, user: scope.user, run: scope.run, tags: scope.tags)
            let shape = Shape(scope)
            let named = model ?? ModelName(provider: scope.provider ?? "", model: "")
            guard let key = shape.key(who, named) else { continue }
            shapes[shape, default: [:]][key, default: []].append(Entry(budget: budget, model: model))
        }
        self.shapes = shapes.map { ($0.key, $0.value) }
    }

    /// Every budget that counts a call of `who` served by `model`, by number.
    package func budgets(for who: Attribution, model: ModelName) -> [Budget] {
        var found: [Budget] = []
        for (shape, entries) in shapes {
            guard let key = shape.key(who, model), let candidates = entries[key] else { continue }
            // Two scopes may share a hash, so each is compared in full.
            for entry in candidates where Self.matches(entry, who, model) { found.append(entry.budget) }
        }
        if found.count > 1 { found.sort { $0.number < $1.number } }
        return found
    }

    private static func matches(_ entry: Entry, _ who: Attribution, _ model: ModelName) -> Bool {
        let scope = entry.budget.scope
        return (scope.team == nil || scope.team == who.team)
            && (scope.feature == nil || scope.feature == who.feature)
            && (scope.user == nil || scope.user == who.user)
            && (scope.run == nil || scope.run == who.run)
            && (entry.model == nil || entry.model == model)
            && (scope.provider == nil || scope.provider == model.provider)
            && scope.tags.allSatisfy { who.tag($0.key) == $0.value }
    }
}
