/// Whose money a call spends, and for what.
package struct Attribution: Hashable, Sendable {
    package let team: String
    package let feature: String?
    package let user: String?
    package let run: String?
    /// Sorted by key, each key once.
    package let tags: [Tag]

    package init(team: String, feature: String? = nil, user: String? = nil, run: String? = nil, tags: [Tag] = []) {
        self.team = team
        self.feature = feature
        self.user = user
        self.run = run
        self.tags = tags.sorted { $0.key < $1.key }
    }

    package func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }
}

/// One `key: value` label of a call.
package struct Tag: Hashable, Sendable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Which calls a budget counts: those that have every value the scope names. A call without a field never matches a
/// scope that names this field.
package struct Scope: Hashable, Sendable {
    package let team: String?
    package let feature: String?
    package let user: String?
    package let run: String?
    package let model: String?
    package let provider: String?
    package let tags: [Tag]

    package init(
        team: String? = nil, feature: String? = nil, user: String? = nil, run: String? = nil, model: String? = nil,
        provider: String? = nil, tags: [Tag] = []
    ) {
        self.team = team
        self.feature = feature
        self.user = user
        self.run = run
        self.model = model
        self.provider = provider
        self.tags = tags.sorted { $0.key < $1.key }
    }

    package var isEmpty: Bool { self == Scope() }
}
