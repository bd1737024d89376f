import Accounting
import JSON

extension JSONFields {
    /// The scope of a budget: names, and `"*"` where each value has windows of its own.
    mutating func scope() -> Scope? {
        guard let value = value("scope") else {
            refuse("scope", "is required")
            return nil
        }
        var fields = JSONFields(value, pointer: pointer(to: "scope"))
        var each = ScopeFields()
        let team = fields.place("team", .team, &each, Field.nameExpectation, Field.name)
        let feature = fields.place("feature", .feature, &each, Field.nameExpectation, Field.name)
        let user = fields.place("user", .user, &each, Field.nameExpectation, Field.name)
        let run = fields.place("run", .run, &each, Field.nameExpectation, Field.name)
        let model = fields.place("model", .model, &each, Field.modelExpectation, Field.model)
        let provider = fields.place("provider", .provider, &each, Field.modelExpectation, Field.provider)
        let tags = fields.optional("tags", Field.tagsExpectation, Field.tags) ?? []
        do throws(JSONFailure) {
            try fields.finish()
        } catch {
            if case .invalid(let errors) = error { refuse(errors) }
            return nil
        }
        return Scope(
            team: team, feature: feature, user: user, run: run, model: model, provider: provider,
            tags: tags.filter { $0.value != Scope.wildcard }, each: each,
            eachTag: tags.filter { $0.value == Scope.wildcard }.map(\.key))
    }

    /// The name that a field of a scope has; nil if it has none, or the wildcard, which is noted in `each`.
    private mutating func place(
        _ name: StaticString, _ field: ScopeFields, _ each: inout ScopeFields, _ expectation: String,
        _ convert: (JSONValue) -> String?
    ) -> String? {
        var isEach = false
        let text = optional(name, "\"*\" or \(expectation)") { value -> String? in
            isEach = value.string == Scope.wildcard
            return isEach ? Scope.wildcard : convert(value)
        }
        if isEach { each.insert(field) }
        return isEach ? nil : text
    }
}
